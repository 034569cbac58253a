"""Counts refusals in memory, and writes the counts down every few seconds: no request waits for it.

What was counted and isn't written yet is lost when a process is killed.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

import psycopg
from msgspec import Struct

from lrs import sql
from lrs.log.connect import connect
from lrs.log.datastore import session
from lrs.refusal import impersonal
from lrs.statement import Invalid
from lrs.store_name import schema_of

_log = logging.getLogger(__name__)
_queries = sql.load(__package__)
EVERY: Final = 3.0
"""Seconds between writings."""
MOST: Final = 500
"""Rows that are kept of a store."""
DAYS: Final = 30
_WAITING: Final = 1_000
"""Different refusals that may wait to be written: somebody who sends nonsense all the time must not fill memory."""
_REFUSED: Final = frozenset({400, 403, 409, 412, 413, 415})


class _Kind(NamedTuple):
    store: str
    day: date
    credential: str
    status: int
    place: str
    reason: str


class _Count(Struct):
    first: datetime
    last: datetime
    count: int = 1


class Refusals:
    """Takes note of refusals. For one event loop; ``close`` it when done."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._counts: dict[_Kind, _Count] = {}
        self._writing: asyncio.Task[None] | None = None

    def note(self, store: str, credential: str, status: int, error: Exception) -> None:
        """Count a refusal of statements that a credential sent; anything else is passed over."""
        if status not in _REFUSED:
            return
        now = datetime.now(UTC)
        where, why = (error.path, error.reason) if isinstance(error, Invalid) else ("", str(error))
        kind = _Kind(store, now.date(), credential, status, impersonal.place(where), impersonal.reason(why))
        if (count := self._counts.get(kind)) is not None:
            count.count += 1
            count.last = now
        elif len(self._counts) < _WAITING:
            self._counts[kind] = _Count(now, now)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_soon())

    async def close(self) -> None:
        """Write what waits."""
        if self._writing is not None:
            self._writing.cancel()
            with suppress(asyncio.CancelledError):
                await self._writing
        await self._write()

    async def _write_soon(self) -> None:
        await asyncio.sleep(EVERY)
        self._writing = None
        await self._write()

    async def _write(self) -> None:
        counts, self._counts = self._counts, {}
        for store in sorted({kind.store for kind in counts}):
            try:
                await asyncio.to_thread(
                    write, self._url, store, [(kind, count) for kind, count in counts.items() if kind.store == store]
                )
            except psycopg.Error as error:
                _log.warning("%s: refusals can't be written down: %s", store, error)


def write(url: str, store: str, counts: Sequence[tuple[Any, Any]]) -> None:
    """Write a store's counts down, and forget what is too old or too much. Blocks; raises psycopg.Error."""
    with connect(url, "refusals") as connection:
        session(connection, schema_of(store))
        with connection.transaction():
            # In one order, so that two processes that write at once never wait for each other in a circle.
            for kind, count in sorted(counts, key=lambda one: one[0]):
                values = {**kind._asdict(), "count": count.count, "first": count.first, "last": count.last}
                connection.execute(_queries.count, values)
            connection.execute(_queries.forget, {"days": DAYS, "most": MOST})
