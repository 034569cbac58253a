"""What a check finds."""

from collections.abc import Callable
from typing import NamedTuple


class Problem(NamedTuple):
    """Something that isn't as it was signed."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


Say = Callable[[str, str], None]
"""Takes where something is wrong, and what."""
