"""What the comparison of live tables with rebuilt ones found."""

from typing import NamedTuple

from consumers.place import Place
from schemas.difference import Difference


class Report(NamedTuple):
    """What a rebuild found."""

    place: Place
    """What the rebuilt tables are made from."""
    before: Place
    """What the live ones were made from."""
    differences: list[Difference]
    parked: int

    @property
    def equal(self) -> bool:
        """Whether live equals rebuilt."""
        return all(difference.equal for difference in self.differences)
