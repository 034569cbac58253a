"""What any room may raise. Each message is one line for the person who asked."""


def unexpected(error: Exception) -> str:
    """Give the line for what nobody foresaw."""
    return f"unexpected {type(error).__name__}: {error} (LRS_DEBUG=true shows where)"


class Refused(Exception):
    """The request can't be carried out as asked; nothing was changed."""


class NotMigrated(Refused):
    """The database lacks our tables, or the cluster our role."""

    def __init__(self) -> None:
        super().__init__("the database has no tables of ours yet: run `lrs migrate` first")
