"""What is said at the command line of what went wrong."""

import sys
import traceback
from collections.abc import Callable
from typing import Final

from lrs.errors import NotMigrated, Refused, Told, first_line, unexpected
from lrs.settings import SettingsError, debugging, load

COULD_NOT_RUN: Final = 2
EXIT_CODES: Final = "Exit codes: 0 done, 1 refused, 2 could not run: wrong option or setting, database not reachable."
"""Of the commands that have no other outcomes."""


def explaining(program: Callable[[], object]) -> None:
    """Run a program; what goes wrong is told by ``say``."""
    try:
        program()
    except Exception as error:
        say(error)
        sys.exit(1 if isinstance(_first(error), Refused) else COULD_NOT_RUN)


def say(error: Exception, store: str = "") -> None:
    """Print the line for an error, met while working on that store, on stderr; with LRS_DEBUG where it arose, too."""
    if debugging():
        traceback.print_exception(error)
    print(f"lrs: {' '.join(explained(error, store).split())}", file=sys.stderr)


def explained(error: Exception, store: str = "") -> str:
    """Give the line for an error, met while working on that store."""
    error = _first(error)
    if isinstance(error, Told):
        return str(error)
    # Only now, so that `lrs --help` needn't load the whole program.
    from lrs.log.work import Unavailable

    if isinstance(error, Unavailable):
        why = _why(error)
        return f"{error} ({why})" if why else str(error)
    return _of_database(error, store) or unexpected(error)


def _of_database(error: Exception, store: str) -> str:
    """Give the line for what the driver says; none if it is something else."""
    import psycopg

    from lrs.log.datastore import AWAY

    for one in (error, error.__cause__):  # the library wraps what the driver raises
        if isinstance(one, psycopg.errors.InsufficientPrivilege):
            return f"the account of LRS_DATABASE_URL may not do this: {first_line(one)}"
    match error:
        case psycopg.errors.UndefinedTable() | psycopg.errors.InvalidSchemaName():
            if not store:
                return str(NotMigrated())
            return f"there is no store {store}, or it isn't up to date: see `lrs store list` and `lrs migrate`"
        case psycopg.errors.UndefinedObject():  # the role, which a store's tables can't be without
            return str(NotMigrated())
        case _:
            return f"the database does not answer: {error}" if isinstance(error, AWAY) else ""


def _first(error: Exception) -> Exception:
    """Give the first that went wrong of what ran side by side."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def _why(error: BaseException) -> str:
    """Give the reason behind it, if there is one."""
    import psycopg
    from psycopg_pool import PoolTimeout

    from lrs.log.connect import connect_to
    from lrs.store_name import CONTROL

    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    if cause is not error and not isinstance(cause, PoolTimeout):
        return first_line(cause)
    # A pool doesn't tell why it has no connection: whoever makes one themselves is told.
    try:
        connect_to(CONTROL, load().database(), "look").close()
    except (psycopg.Error, SettingsError) as refused:
        return first_line(refused)
    return ""
