"""What waits to be appended, and what can come of it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.log.event import NewEvent

T = TypeVar("T")
Job = Callable[[Cursor[TupleRow]], tuple[list[NewEvent], T]]
"""Decides under the store's lock, on the transaction's cursor, which events to append; raises to refuse."""


class Appended(NamedTuple):
    """Where the log stands after an append."""

    position: int
    """Of the last event."""
    through: datetime
    """When it was stored: all up to then can be read."""


class Unavailable(Exception):
    """The database is away or too slow: nothing was refused, the same request may be sent again."""


class Conflict(Exception):
    """Other statements with these ids are in the log already; nothing of the request was recorded."""

    def __init__(self, ids: Sequence[UUID]) -> None:
        super().__init__(f"already recorded with other content: {', '.join(map(str, ids))}")
        self.ids = list(ids)


_JOB_SIZE = 1_024


class Work(Generic[T]):
    """A request's part in an append. Made in a coroutine, settled in the append thread, awaited in the coroutine."""

    repeatable: ClassVar[bool] = False
    """Whether it may be done again after nobody knows whether it was done."""

    def __init__(self, size: int) -> None:
        self.size = size
        """About how many bytes wait with it."""
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self.loop.create_future()
        self.outcome: T | Exception | None = None
        self.settled = False

    def settle(self, outcome: T | Exception) -> None:
        """Say what came of it; the first word counts. ``deliver`` passes it on."""
        if not self.settled:
            self.outcome = outcome
            self.settled = True

    def deliver(self) -> None:
        """Give the outcome to who awaits it; runs in the loop. Who hung up meanwhile doesn't get it."""
        if self.future.done():
            return
        if isinstance(self.outcome, Exception):
            self.future.set_exception(self.outcome)
        else:
            self.future.set_result(self.outcome)  # type: ignore[arg-type]


class JobWork(Work[T]):
    """A job to perform in the append's transaction."""

    def __init__(self, job: Job[T]) -> None:
        super().__init__(_JOB_SIZE)
        self.job: Callable[[Cursor[Any]], tuple[list[NewEvent], T]] = job
