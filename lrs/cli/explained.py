"""What is said at the command line of what went wrong."""

from lrs.local.problem import CannotStart
from lrs.settings import SettingsError


def explained(error: Exception) -> tuple[str, int]:
    """Give the line for an error, and the exit code of commands that use it for nothing else."""
    while isinstance(error, ExceptionGroup):  # of what runs side by side: the first that went wrong tells
        error = error.exceptions[0]
    if isinstance(error, SettingsError):
        return str(error), 2
    if isinstance(error, CannotStart):
        return str(error), 1
    # Only now, so that `lrs --help` needn't load the whole program.
    import psycopg

    from lrs.errors import Refused, unexpected
    from lrs.importer import Broken
    from lrs.log.work import Unavailable
    from lrs.seal import WrongMasterKey
    from lrs.store import BadStoreName

    if isinstance(error, Refused | Unavailable | WrongMasterKey | BadStoreName | Broken):
        return str(error), 1
    if isinstance(error, psycopg.OperationalError):
        return f"the database does not answer: {error}", 1
    return unexpected(error), 1
