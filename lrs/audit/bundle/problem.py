"""What a check finds."""

from collections.abc import Callable
from typing import Final, NamedTuple

_LONGEST: Final = 2_000
"""Characters of a line."""


class Problem(NamedTuple):
    """Something that isn't as it was signed."""

    where: str
    what: str

    def __str__(self) -> str:
        return shown(f"{self.where}: {self.what}")


def shown(text: str) -> str:
    """Write what may come from a file on one line of a terminal, which it can't command nor add lines to."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text[:_LONGEST])


Say = Callable[[str, str], None]
"""Takes where something is wrong, and what."""
