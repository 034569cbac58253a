"""Whatever else a sender wants to say (1.0.3 Data 4.1): keys are IRIs, values any JSON, kept as written."""

from lrs.errors import shown
from lrs.statement import formats
from lrs.statement.depth import is_deeper
from lrs.statement.errors import Invalid
from lrs.statement.rules import Rules
from schemas.xapi import Extensions


def check_extensions(extensions: Extensions, rules: Rules) -> None:
    """Check that keys are IRIs and that no value nests too deep to handle safely."""
    for key, raw in extensions.items():
        if not formats.iri(key):
            raise Invalid("", f"the key {shown(key)} is not {formats.IRI}")
        value = bytes(raw)
        if value[0] in b"[{" and is_deeper(value, rules.limits.depth):
            raise Invalid(f"[{shown(key)}]", f"lists and objects go deeper than this server's {rules.limits.depth}")
