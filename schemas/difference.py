"""What a comparison of live tables with rebuilt ones finds."""

from msgspec import Struct


class Difference(Struct, frozen=True):
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
