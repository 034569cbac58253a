"""What the comparison of live tables with rebuilt ones found."""

from typing import NamedTuple

from consumers.place import Place


class Difference(NamedTuple):
    """How a live table differs from what the log says."""

    table: str
    rows: int
    """Rows in the rebuilt table."""
    missing: int
    """Rows the log gives that the live table lacks."""
    surplus: int
    """Rows of the live table that the log doesn't give."""
    examples: tuple[str, ...]
    """A few of them: ``+`` what the log gives, ``-`` what stands in the live table."""

    @property
    def equal(self) -> bool:
        """Whether live equals rebuilt."""
        return self.missing == 0 and self.surplus == 0


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
