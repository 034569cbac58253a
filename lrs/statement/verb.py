"""What was done (1.0.3 Data 2.4.3)."""

from msgspec import UNSET

from lrs.errors import shown
from lrs.statement import formats
from lrs.statement.errors import Invalid
from lrs.statement.language_map import check_language_map
from schemas.xapi import Verb

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
"""The one verb xAPI itself defines: the statement it points at no longer counts."""


def check_verb(verb: Verb) -> None:
    """Check a verb's id and the languages of its display."""
    if not formats.iri(verb.id):
        raise Invalid("id", f"{shown(verb.id)} is not {formats.IRI}")
    if verb.display is not UNSET:
        try:
            check_language_map(verb.display)
        except Invalid as error:
            error.within("display")
            raise
