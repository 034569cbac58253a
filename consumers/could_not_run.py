"""What a command says when it could not run: one line, and exit code 2."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
import typer

from consumers.live import Overtaken
from consumers.policy_file import BadPolicy
from lrs.errors import NotMigrated, Refused, first_line, unexpected
from lrs.log.datastore import AWAY
from lrs.seal import WrongMasterKey
from lrs.settings import SettingsError, debugging

COULD_NOT_RUN: Final = 2


@contextmanager
def could_not_run(store: str | None = None) -> Iterator[None]:
    """Turn what stops a command (on a store, if one was named) into one line on stderr and exit code 2."""
    try:
        yield
    except (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError):
        raise  # what a command or its user wants, and who reads no more of what it prints
    except Exception as error:
        if debugging():
            raise
        tell(reason(error, store))
        raise typer.Exit(COULD_NOT_RUN) from None


def reason(error: Exception, store: str | None = None) -> str:
    """Give the line for an error."""
    while isinstance(error, ExceptionGroup):  # of what runs side by side: the first that went wrong tells
        error = error.exceptions[0]
    match error:
        case SettingsError() | Refused() | BadPolicy() | WrongMasterKey() | Overtaken():
            return str(error)
        case psycopg.errors.UndefinedTable() | psycopg.errors.InvalidSchemaName():
            return (
                f"there is no store {store or 'of LRS_STORE'}, or it isn't up to date: `lrs store list`, `lrs migrate`"
            )
        case psycopg.errors.UndefinedObject():  # the role
            return str(NotMigrated())
        case psycopg.errors.InsufficientPrivilege():
            return f"the account of LRS_DATABASE_URL may not do this: {first_line(error)}"
        case _ if isinstance(error, AWAY):
            return f"the database does not answer: {error}"
        case _:
            return unexpected(error)


def tell(said: str) -> None:
    """Print it on stderr, as one line."""
    print(f"lrs: {' '.join(said.split())}", file=sys.stderr)
