"""What `lrs store` and `lrs credential` share: the registry behind the settings, and how it is shown."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lrs.credential import Registry
from lrs.migrated import require_migrated
from lrs.settings import load
from lrs.store_name import checked_store_name

BY = "command line"
"""Who did it, for the record. Not the account's name: the record is for ever and that may be a person's."""
EXIT_CODES = "Exit codes: 0 done, 1 refused or database not reachable, 2 wrong option or setting."


@contextmanager
def opened_registry() -> Iterator[Registry]:
    """Open the registry of the database that the settings name. Raises NotMigrated."""
    settings = load()
    require_migrated(settings.database())
    registry = Registry(settings.database(), settings.master(), settings.base_url())
    try:
        yield registry
    finally:
        registry.close()


def asked_store(store: str | None) -> str:
    """Give the store that was asked for, else the one of the settings.

    An empty name, of a shell's variable that isn't set, is none: taken for no name it would mean another store. Raises
    BadStoreName.
    """
    return load().store if store is None else checked_store_name(store)


def print_json(value: object) -> None:
    """Print what scripts read."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value)))


def print_table(columns: list[str], rows: list[list[str]], otherwise: str) -> None:
    """Print what people read; ``otherwise`` if there is nothing. A narrow terminal folds all but the first column."""
    if not rows:
        typer.echo(otherwise)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column == columns[0])
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console()
    if not console.is_terminal:
        console.width = 1000
    console.print(table)


def written(moment: datetime | None) -> str:
    """Write a moment for people, in their time zone."""
    if moment is None:
        return ""
    # At the end of the calendar it may be a year already that can't be written.
    with suppress(OverflowError):
        moment = moment.astimezone()
    return f"{moment:%Y-%m-%d %H:%M}"
