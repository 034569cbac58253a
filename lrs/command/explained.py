"""What is said at the command line of what went wrong."""

from lrs.local.problem import CannotStart
from lrs.settings import SettingsError, load

EXIT_CODES = "Exit codes: 0 done, 1 refused or database not reachable, 2 wrong option or setting."
"""Of the commands that use these codes for nothing else."""
_PATIENCE = 2
"""Seconds the database gets to say why it doesn't answer."""


def explained(error: Exception) -> tuple[str, int]:
    """Give the line for an error, and the exit code of commands that use it for nothing else."""
    while isinstance(error, ExceptionGroup):  # of what runs side by side: the first that went wrong tells
        error = error.exceptions[0]
    if isinstance(error, SettingsError):
        return str(error), 2
    return _line(error), 1


def _line(error: Exception) -> str:
    if isinstance(error, CannotStart):
        return str(error)
    # Only now, so that `lrs --help` needn't load the whole program.
    import psycopg

    from lrs.errors import Refused, first_line, unexpected
    from lrs.importer import Broken
    from lrs.log.datastore import AWAY
    from lrs.log.work import Unavailable
    from lrs.seal import WrongMasterKey

    if isinstance(error, Unavailable):
        why = _why(error)
        return f"{error} ({why})" if why else str(error)
    for one in (error, error.__cause__):  # the library wraps what the driver raises
        if isinstance(one, psycopg.errors.InsufficientPrivilege):
            return f"the account of LRS_DATABASE_URL may not do this: {first_line(one)}"
    if isinstance(error, Refused | WrongMasterKey | Broken):
        return str(error)
    if isinstance(error, AWAY):
        return f"the database does not answer: {error}"
    return unexpected(error)


def _why(error: BaseException) -> str:
    """Give the reason behind it, if there is one."""
    import psycopg
    from psycopg_pool import PoolTimeout

    from lrs.errors import first_line
    from lrs.log.datastore import session
    from lrs.store_name import CONTROL

    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    if cause is not error and not isinstance(cause, PoolTimeout):
        return first_line(cause)
    # A pool doesn't tell why it has no connection: whoever makes one themselves is told.
    try:
        with psycopg.connect(load().database(), connect_timeout=_PATIENCE) as connection:
            session(connection, CONTROL)
    except (psycopg.Error, SettingsError) as refused:
        return first_line(refused)
    return ""
