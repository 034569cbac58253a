"""Words by language (1.0.3 Data 4.2)."""

from lrs.errors import shown
from lrs.statement import formats
from lrs.statement.errors import Invalid, TooMuch
from schemas.xapi import LanguageMap

_MOST = 1_000
"""Languages of one map: each is taken apart when it comes in, and each time a reader's is chosen."""


def check_language_map(words: LanguageMap) -> None:
    """Check that each key is a language tag. Raises Invalid."""
    if len(words) > _MOST:
        raise TooMuch("", f"{len(words)} languages are more than this server takes ({_MOST})")
    for tag in words:
        if not formats.language(tag):
            raise Invalid("", f"{shown(tag)} is not a language tag of RFC 5646 (such as 'en' or 'nl-NL')")
