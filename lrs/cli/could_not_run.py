"""What a command with three outcomes says when it could not run: one line, and exit code 2."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import typer

from lrs.errors import NotMigrated
from lrs.importer import Broken
from lrs.index.version import StaleIndex
from lrs.log.work import Unavailable
from lrs.seal import WrongMasterKey
from lrs.settings import SettingsError
from lrs.store import BadStoreName

_KNOWN = (SettingsError, BadStoreName, Broken, NotMigrated, StaleIndex, Unavailable, WrongMasterKey)


@contextmanager
def could_not_run(store: str) -> Iterator[None]:
    """Turn what stops a command on this store into one line on stderr and exit code 2."""
    try:
        yield
    except _KNOWN as error:
        _fail(str(error))
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        _fail(f"there is no store {store}, or it isn't up to date: see `lrs store list` and `lrs migrate`")
    except psycopg.errors.UndefinedObject:  # the role, which a store's tables can't be without
        _fail(str(NotMigrated()))
    except psycopg.errors.InsufficientPrivilege as error:
        _fail(f"the account of LRS_DATABASE_URL may not do this: {error}")
    except psycopg.OperationalError as error:
        _fail(f"the database does not answer: {error}")


def _fail(reason: str) -> None:
    if os.environ.get("LRS_DEBUG", "").lower() in {"1", "true"}:
        raise  # noqa: PLE0704  # of the handler that calls us
    print(f"lrs: {' '.join(reason.split())}", file=sys.stderr)
    raise typer.Exit(2)
