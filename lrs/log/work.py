"""What waits to be appended, and what can come of it."""

import asyncio
from collections.abc import Callable, Collection, Sequence
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
    already: Collection[UUID] = ()
    """Statements of the request that were recorded before."""


class Unavailable(Exception):
    """The database is away or too slow: nothing was refused, the same request may be sent again."""


class Conflict(Exception):
    """Other statements with these ids are in the log already; nothing of the request was recorded."""

    def __init__(self, ids: Sequence[UUID]) -> None:
        super().__init__(f"already recorded with other content: {', '.join(map(str, ids))}")
        self.ids = list(ids)


_JOB_SIZE = 1_024


class Work(Generic[T]):
    """A request's part in an append, made in the event loop. Who waits for it awaits its ``future``."""

    repeatable: ClassVar[bool] = False
    """Whether it may be done again after nobody knows whether it was done."""

    def __init__(self, size: int) -> None:
        self.size = size
        """About how many bytes wait with it."""
        self.future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    @property
    def settled(self) -> bool:
        """Whether it is known what came of it, or nobody waits for that any more."""
        return self.future.done()

    def settle(self, outcome: T | Exception) -> None:
        """Say what came of it; the first word counts."""
        if self.future.done():
            return
        if isinstance(outcome, Exception):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(outcome)


class JobWork(Work[T]):
    """A job to perform in the append's transaction."""

    def __init__(self, job: Job[T], size: int = 0) -> None:
        """``size`` is about how many bytes the job holds."""
        super().__init__(_JOB_SIZE + size)
        self.job: Callable[[Cursor[Any]], tuple[list[NewEvent], T]] = job
