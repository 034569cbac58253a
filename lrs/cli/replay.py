"""`lrs replay`: what happened to a learner, event by event, and what each event changed."""

import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lrs.access import COMMAND_LINE, AccessRecord
from lrs.audit.html import shown
from lrs.audit.reading import opened
from lrs.audit.replay import Event, Replay, Span
from lrs.audit.replay.event import EFFECTS
from lrs.audit.replay.written import csv_lines, json_lines, page, row_name, telling
from lrs.cli.output import written
from lrs.command.asked_store import StoreName, asked_store
from lrs.files import drafted
from lrs.settings import load

_TOGETHER = 50
"""Events in one table on the terminal: what comes first is shown at once, however long the history."""
_FIELDS = 8
"""Changed values of a row that a terminal shows; the other formats have all."""


def replay(
    learner: Annotated[
        str,
        typer.Option(
            help="Whose: id of a learner or person, or identifier (ann@example.org, account:https://lms.example ann)."
        ),
    ],
    since: Annotated[
        str | None,
        typer.Option("--from", help="First position of the log, or day or time of storing; else the beginning."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Last position, or day or time of storing; the end if not given.")
    ] = None,
    projection: Annotated[str | None, typer.Option(metavar="NAME", help="Only what this projection says.")] = None,
    form: Annotated[
        Literal["table", "jsonl", "csv", "html"],
        typer.Option("--format", help="table for the terminal; html is a page to read and print."),
    ] = "table",
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write to this file; the terminal if not given.")
    ] = None,
    store: StoreName = None,
) -> None:
    """Replay the history of a learner, event by event.

    When each happened and when we knew, what it was taken to mean, under which policy and organisation, and what it
    changed in each projection. That somebody looked is recorded, and shown to the person it is about.
    """
    settings = load()
    name = asked_store(store)
    with opened(settings.database(), name, settings.master()) as (cursor, log):
        replayed = Replay(cursor, log, learner, Span(since, until, projection))
        access = AccessRecord(settings.database(), settings.master())
        access.note(name, COMMAND_LINE, replayed.whose.ids, "replay")
        if form == "table":
            _print(replayed.events())
            return
        parts = _WRITTEN[form](replayed)
        if output is None:
            sys.stdout.buffer.writelines(parts)
            return
        with drafted(output) as file:
            file.writelines(parts)


_WRITTEN: dict[str, Callable[[Replay], Iterator[bytes]]] = {
    "jsonl": lambda replayed: json_lines(replayed.events()),
    "csv": lambda replayed: csv_lines(replayed.events()),
    "html": lambda replayed: page(replayed, replayed.events()),
}


def _print(events: Iterator[Event]) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = 200
    shown_any = False
    while some := list(islice(events, _TOGETHER)):
        console.print(_table(some, header=not shown_any))
        shown_any = True
    if not shown_any:
        typer.echo("Nothing in these positions of the log is this person's.")


def _table(events: list[Event], *, header: bool) -> Table:
    # Fixed parts, so that one table goes on where the one before ended.
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=header, expand=True)
    for column, ratio in (("POSITION", 3), ("HAPPENED", 5), ("KNOWN", 5), ("WHAT", 12), ("CHANGED", 20)):
        table.add_column(column, ratio=ratio, overflow="fold")
    for event in events:
        table.add_row(*map(Text, (str(event.position), *_when(event), _what(event), "\n".join(_changes(event)))))
    return table


def _when(event: Event) -> tuple[str, str]:
    return written(event.happened) + (" (late)" if event.late else ""), written(event.stored)


def _what(event: Event) -> str:
    under = event.under
    lines = [f"{event.kind}: {EFFECTS[event.effect]}" if event.meaning is None else ""]
    if (meaning := event.meaning) is not None:
        lines = [f"{meaning.kind.value}: {EFFECTS[event.effect]}", f"verb {meaning.verb}"]
        if meaning.activity:
            lines.append(f"activity {meaning.activity}")
    if event.id is not None:
        lines.append(f"statement {event.id}")
    if event.voids is not None:
        lines.append(f"takes back {event.voids}")
    lines += [f"points at {id_}" for id_ in event.refers]
    lines += [f"pointed at by {id_}" for id_ in event.referred_by]
    lines += [f"left out of {one.projection}: {one.reason}" for one in event.left_out]
    lines.append(f"under organisation {under.organisation}, policy {under.policy}, vocabulary {under.vocabulary}")
    return "\n".join(lines)


def _changes(event: Event) -> Iterator[str]:
    for change, fields in telling(event):
        yield f"{change.table} {row_name(change.row)} {change.how}"
        if change.how == "changed":
            for field in fields[:_FIELDS]:
                yield f"  {field.name}: {shown(field.before)} → {shown(field.after)}"
