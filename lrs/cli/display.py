"""How long work shows how far it is: a bar on a terminal, a line now and then elsewhere."""

import sys
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Self

_BAR_EVERY = 0.2
_LINE_EVERY = 5.0


class Display:
    """Shows progress on stderr while it is open. May be told as often as one likes."""

    def __init__(self, what: str) -> None:
        self._what = what
        from rich.console import Console  # much to load, and most programs never show anything
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        self._bar: Progress | None = None
        if console.is_terminal:
            columns = (
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=10),
                TaskProgressColumn(),
                TextColumn("{task.fields[details]}", markup=False),
                TimeRemainingColumn(),
            )
            self._bar = Progress(*columns, console=console, refresh_per_second=4, transient=True)
            self._task = self._bar.add_task(what, total=None, details="")
        self._every = _BAR_EVERY if self._bar else _LINE_EVERY
        self._next = monotonic() + self._every

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def show(self, done: int, total: int | None, details: Callable[[], str]) -> None:
        """Tell how far it is; ``details`` is asked when it is time to show it."""
        now = monotonic()
        if now < self._next:
            return
        self._next = now + self._every
        if self._bar:
            self._bar.update(self._task, completed=done, total=total, details=details())
        else:
            share = f" {min(done * 100 // total, 100)}%" if total else ""
            print(f"{self._what}{share}: {details()}", file=sys.stderr, flush=True)

    def show_position(self, position: int, head: int) -> None:
        """Tell which position of the log it is at."""
        self.show(position, head, lambda: f"position {position:,} of {head:,}")
