"""What came of an import, in numbers."""

from msgspec import Struct


class Tally(Struct):
    """Counts of statements, but where it says otherwise."""

    read: int = 0
    stored: int = 0
    """New in the store. Counted before the append: what somebody else stored in the meantime may be among it."""
    already_there: int = 0
    refused: int = 0
    given_id: int = 0
    """Had no id and got one from their content."""
    timed_by_source: int = 0
    """Had no timestamp and got the moment at which the store they come from stored them."""
    timed_by_import: int = 0
    """Had no timestamp and got the moment of their first import."""
    nulls: int = 0
    """Properties, not statements."""
    dates: int = 0
    """Dates, not statements."""
    first_date: tuple[int, str, str] | None = None
    """Line, date as it was and date as it is now, of the first one that was rewritten."""
    attachments: int = 0
    """Statements with attachments whose content is not in the file."""

    @property
    def done(self) -> int:
        """How many have an outcome."""
        return self.stored + self.already_there + self.refused
