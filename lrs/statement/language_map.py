"""Words by language (1.0.3 Data 4.2)."""

from lrs.statement import formats
from lrs.statement.errors import Invalid, shown
from schemas.xapi import LanguageMap


def check_language_map(words: LanguageMap) -> None:
    """Check that each key is a language tag."""
    for tag in words:
        if not formats.language(tag):
            raise Invalid("", f"{shown(tag)} is not a language tag of RFC 5646 (such as 'en' or 'nl-NL')")
