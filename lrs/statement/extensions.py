"""Whatever else a sender wants to say (1.0.3 Data 4.1): keys are IRIs, values any JSON, kept as written."""

import re

from lrs.statement import formats
from lrs.statement.errors import Invalid, shown
from lrs.statement.rules import Rules
from schemas.xapi import Extensions

_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[{\]}]', re.DOTALL)


def check_extensions(extensions: Extensions, rules: Rules) -> None:
    """Check that keys are IRIs and that no value nests too deep to handle safely."""
    for key, raw in extensions.items():
        if not formats.iri(key):
            raise Invalid("", f"the key {shown(key)} is not an IRI with a scheme")
        value = bytes(raw)
        if value[0] in b"[{" and _is_deeper(value, rules.limits.depth):
            raise Invalid(f"[{shown(key)}]", f"lists and objects go deeper than this server's {rules.limits.depth}")


def _is_deeper(value: bytes, limit: int) -> bool:
    """Tell if brackets nest deeper than the limit; counting them all first spares nearly every value the scan."""
    if value.count(b"[") + value.count(b"{") <= limit:
        return False
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(value):
        mark = token[0]
        if mark in (b"[", b"{"):
            depth += 1
            if depth > limit:
                return True
        elif mark in (b"]", b"}"):
            depth -= 1
    return False
