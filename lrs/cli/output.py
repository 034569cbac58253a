"""What commands print: JSON for scripts; tables and moments for people."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated

import msgspec
import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def print_json(value: object) -> None:
    """Print what scripts read."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value)))


def print_table(columns: list[str], rows: list[list[str]], otherwise: str) -> None:
    """Print what people read; ``otherwise`` if there is nothing. A narrow terminal folds all but the first column."""
    if not rows:
        typer.echo(otherwise)
        return
    from rich.console import Console  # much to load, and few commands print tables
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column == columns[0])
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console()
    if not console.is_terminal:
        console.width = 1000
    console.print(table)


def counted(count: int, one: str, several: str) -> str:
    """Write a number before what there is so many of."""
    return f"{count:,} {one if count == 1 else several}"


def written(moment: datetime | None) -> str:
    """Write a moment for people, in their time zone."""
    if moment is None:
        return ""
    # At the end of the calendar it may be a year already that can't be written.
    with suppress(OverflowError):
        moment = moment.astimezone()
    return f"{moment:%Y-%m-%d %H:%M}"
