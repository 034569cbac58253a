"""What people see of rebuilds, comparisons and who is parked."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final

from consumers.parked import Parked
from consumers.report import Report

_LINE_EVERY: Final = 5.0
_UNBOUNDED: Final = 1_000
"""Width of tables that go to a file or a program."""


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that shows how far it is, on stderr: a bar on a terminal, a line now and then elsewhere."""
    from rich.console import Console  # much to load, and the consumers show nothing
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(what)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, refresh_per_second=4, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda reached, target: bar.update(task, completed=reached, total=target)


class _Lines:
    def __init__(self, what: str) -> None:
        self._what = what
        self._next = monotonic() + _LINE_EVERY

    def __call__(self, reached: int, target: int) -> None:
        if (now := monotonic()) >= self._next:
            self._next = now + _LINE_EVERY
            print(f"{self._what}: position {reached:,} of {target:,}", file=sys.stderr, flush=True)


def print_report(report: Report) -> None:
    """Print a comparison, table by table, with examples of what differs."""
    rows = [[one.table, f"{one.rows:,}", f"{one.missing:,}", f"{one.surplus:,}"] for one in report.differences]
    print_table(["TABLE", "ROWS", "MISSING", "SURPLUS"], rows)
    for difference in report.differences:
        for example in difference.examples:
            print(f"  {example}")


def print_parked(parked: Sequence[Parked]) -> None:
    """Print who is parked."""
    rows = [
        [
            one.projection,
            str(one.learner),
            f"{one.position:,}",
            str(one.statement or ""),
            one.since.astimezone().strftime("%Y-%m-%d %H:%M"),
            one.reason,
        ]
        for one in parked
    ]
    print_table(["PROJECTION", "LEARNER", "POSITION", "STATEMENT", "SINCE", "REASON"], rows)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; a narrow terminal folds all but the first column."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column == columns[0])
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console()
    if not console.is_terminal:
        console.width = _UNBOUNDED
    console.print(table)
