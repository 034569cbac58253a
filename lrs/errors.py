"""What any room may raise. Each message is one line for the person who asked."""

from typing import Final

SHOWN: Final = 100
"""Characters of a value that are shown in a message."""


class Told(Exception):
    """What went wrong is known, and the message says it to the person who asked."""


class Refused(Told):
    """The request can't be carried out as asked; nothing was changed."""


class Malformed(Refused):
    """What was given isn't what it should be."""


class NotFound(Refused):
    """There is no such thing."""


class Taken(Refused):
    """The name or key is in use already."""


class ChangedMeanwhile(Refused):
    """Somebody else changed the same thing at the same moment."""


class NotReady(Refused):
    """The database isn't as this program needs it to be."""


class NotMigrated(NotReady):
    """The database lacks our tables, or the cluster our role."""

    def __init__(self) -> None:
        super().__init__("the database has no tables of ours yet: run `lrs migrate` first")


def shown(value: str) -> str:
    """Show a sender's value in quotes, shortened when long."""
    return repr(value) if len(value) <= SHOWN else f"{value[:SHOWN]!r}… ({len(value)} characters)"


def unexpected(error: Exception) -> str:
    """Give the line for what nobody foresaw."""
    return f"unexpected {type(error).__name__}: {error} (LRS_DEBUG=true shows where)"


def first_line(error: BaseException) -> str:
    """Give what an error says; what follows in further lines are details of the driver's, as where in SQL it was."""
    return str(error).strip().partition("\n")[0]
