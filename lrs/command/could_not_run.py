"""What a command says when it could not run: one line, and exit code 2."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from lrs.command.asked_store import asked_store
from lrs.command.explained import COULD_NOT_RUN, say


@contextmanager
def could_not_run(store: str | None = None) -> Iterator[str]:
    """Give the store that was asked for; what stops the command on it is one line on stderr and exit code 2.

    For commands whose exit code 1 is an answer.
    """
    name = ""
    try:
        name = asked_store(store)
        yield name
    except (typer.Exit, typer.Abort, typer.BadParameter, BrokenPipeError):
        raise  # what a command or its user wants, and who reads no more of what it prints
    except Exception as error:
        say(error, name)
        raise typer.Exit(COULD_NOT_RUN) from None
