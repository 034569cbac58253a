"""What a store may be called, and which Postgres schema that is."""

import re
from typing import Final

from lrs.errors import Malformed

CONTROL: Final = "vliegwiel"
"""The schema of what belongs to no store: credentials and the list of stores."""
PATTERN: Final = r"^[a-z][a-z0-9_]{0,39}\Z"
RULE: Final = "a lower-case letter, then at most 39 lower-case letters, digits and underscores"
"""The pattern in words."""
_NAME: Final = re.compile(PATTERN)


class BadStoreName(Malformed):
    """What was given can't be the name of a store."""

    def __init__(self, given: str) -> None:
        super().__init__(f"{given!r} is no name for a store: expected {RULE}")


def checked_store_name(name: str) -> str:
    """Give a store's name if it is one. Raises BadStoreName."""
    if not _NAME.match(name):
        raise BadStoreName(name)
    return name


def schema_of(store: str) -> str:
    """Give the Postgres schema of a store. Raises BadStoreName."""
    return f"store_{checked_store_name(store)}"
