"""What a command with three outcomes says when it could not run: one line, and exit code 2."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import typer

from lrs.cli.asked_store import asked_store
from lrs.cli.explained import explained
from lrs.errors import NotMigrated
from lrs.settings import debugging


@contextmanager
def could_not_run(store: str | None) -> Iterator[str]:
    """Give the store that was asked for; what stops the command on it is one line on stderr and exit code 2."""
    try:
        store = asked_store(store)
        yield store
    except (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError):
        raise  # what a command or its user wants, and who reads no more of what it prints
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        _fail(f"there is no store {store}, or it isn't up to date: see `lrs store list` and `lrs migrate`")
    except psycopg.errors.UndefinedObject:  # the role, which a store's tables can't be without
        _fail(str(NotMigrated()))
    except Exception as error:
        _fail(explained(error)[0])


def _fail(reason: str) -> None:
    if debugging():
        raise  # noqa: PLE0704  # of the handler that calls us
    print(f"lrs: {' '.join(reason.split())}", file=sys.stderr)
    raise typer.Exit(2)
