"""Relays one store's log into its stream."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.log.datastore import AWAY
from lrs.log.messages import MessageLog
from lrs.nats_connection import LOST, NatsConnection
from lrs.relay.database import Database
from lrs.relay.purge import purge
from lrs.relay.stream import End, NotTaken, Stream
from lrs.seal import WrongMasterKey
from schemas.erasure import Erased, decode_erased
from schemas.message import Message

log = logging.getLogger(__name__)
_queries = sql.load(__package__)
POLL: Final = 5.0
"""Seconds after which the log and the stream are looked at though nobody said that something happened."""
_WINDOW: Final = 500
_END: Final = 2**63 - 1
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0


class StoreRelay:
    """Publishes what the stream lacks, and then what is appended, until it is stopped.

    The stream itself says how far it is: after any trouble its end is looked up and publishing goes on from there.
    If it is purged while messages keep coming, it isn't filled again: by ``previous`` a consumer sees that it lacks
    some, and reads them from the log.
    """

    def __init__(self, database: Database, nats: NatsConnection, store: str, *, days: int, replicas: int) -> None:
        self._database = database
        self._nats = nats
        self._store = store
        self._days = days
        self._replicas = replicas
        self._stream = self._open()
        self._stopping = False
        self._grown = asyncio.Event()
        self._to_purge = asyncio.Event()
        self._purged_up_to = 0
        self._noted = -1
        self._trouble = ""
        self._pause = _SHORTEST_PAUSE

    def _open(self) -> Stream:
        return Stream(self._nats.client, self._store, days=self._days, replicas=self._replicas)

    def wake(self) -> None:
        """Say that the log has grown."""
        self._grown.set()

    def stop(self) -> None:
        """Ask it to end once what is under way is published."""
        self._stopping = True
        self._grown.set()
        self._to_purge.set()

    async def run(self) -> None:
        """Relay, and purge beside it: that may take minutes. What goes wrong is tried again, after longer pauses."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._again_and_again(self._purge_as_told))
            await self._again_and_again(self._follow)

    async def _again_and_again(self, work: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping:
            try:
                await work()
            except (*AWAY, *LOST, NotTaken, WrongMasterKey) as error:
                await self._wait_after(f"{error}" or type(error).__name__)
            except Exception as error:
                log.exception("%s: unexpected", self._stream.name)
                await self._wait_after(f"{error}")

    async def _follow(self) -> None:
        self._stream = self._open()
        position, sequence, empty = await self._resume()
        self._have_purged(position)
        batch = await self._next(position, published=position)
        while not self._stopping:
            if batch:
                # The next batch is read while this one is under way.
                ahead = asyncio.create_task(self._next(batch[-1].position, published=position))
                try:
                    stored = await self._stream.publish(batch, sequence)
                except BaseException:
                    ahead.cancel()
                    raise
                # What is too large leaves the stream as it was.
                empty = empty and stored == sequence
                position, sequence = batch[-1].position, stored
                self._went_well()
                erases = any(message.kind == "erasure" for message in batch)
                batch = await ahead
                if erases:
                    self._have_purged(position)
            elif self._noted != position:
                batch = await self._next(position, published=position)
            else:
                if not await self._woken():
                    await self._stream.expect(sequence, empty=empty)
                self._went_well()
                batch = await self._next(position, published=position)

    async def _resume(self) -> tuple[int, int, bool]:
        """Find where to go on: the position and the stream's sequence after which, and whether it is empty."""
        end = await self._stream.end()
        while end is None or not await self._is_ours(end):
            # The log was put back from a backup, say: what came after it then is in the stream, but never happened.
            log.warning("%s is no copy of this log: it is made anew", self._stream.name)
            await self._stream.remove()
            end = await self._stream.end()
        if end.message is None:
            return await self._database.run(self._store, self._beginning), end.sequence, True
        return end.message.position, end.sequence, False

    def _have_purged(self, published: int) -> None:
        """Have what erasures up to a position made unreadable taken out, as far as that was not done before.

        What was read before an erasure is in the stream by now; and a crash leaves it to whoever relays next.
        """
        self._purged_up_to = published
        self._to_purge.set()

    async def _purge_as_told(self) -> None:
        def unpurged(_: MessageLog, cursor: Cursor[TupleRow]) -> list[tuple[int, Erased]]:
            rows = cursor.execute(_queries.unpurged, {"up_to": published})
            return [(position, decode_erased(state)) for position, state in rows]

        while not self._stopping:
            await self._to_purge.wait()
            published = self._purged_up_to
            for position, erased in await self._database.run(self._store, unpurged):
                if not await purge(self._nats.client, self._store, erased, lambda: self._stopping):
                    return
                await self._database.run(self._store, partial(_note_purged, position))
            if self._purged_up_to == published:
                self._to_purge.clear()

    async def _is_ours(self, end: End) -> bool:
        last = end.message
        return last is None or await self._database.run(
            self._store, lambda messages, cursor: messages.holds(cursor, last)
        )

    def _beginning(self, messages: MessageLog, cursor: Cursor[TupleRow]) -> int:
        """Give the position after which an empty stream begins: what it keeps, and at least the last message.

        Consumers that were further than the stream that is lost learn by that one that they have something to catch up.
        """
        expired = messages.position_at(cursor, datetime.now(UTC) - timedelta(days=self._days))
        return max(0, min(expired, messages.head(cursor) - 1))

    async def _next(self, position: int, *, published: int) -> list[Message]:
        """Give the next messages after a position, and note what is published."""

        def read(messages: MessageLog, cursor: Cursor[TupleRow]) -> list[Message]:
            if self._noted != published:
                cursor.execute(_queries.note, {"stream": self._stream.name, "position": published})
                self._noted = published
            return messages.after(cursor, position, _END, _WINDOW)

        return await self._database.run(self._store, read)

    async def _woken(self) -> bool:
        """Wait until the log has grown; gives False if nobody said so for a while."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL):
                await self._grown.wait()
        woken = self._grown.is_set()
        self._grown.clear()
        return woken

    async def _wait_after(self, trouble: str) -> None:
        # While NATS is away, the connection says so for all stores.
        if trouble != self._trouble and self._nats.client.is_connected:
            log.warning("%s: %s; trying again", self._stream.name, trouble)
            self._trouble = trouble
        await asyncio.sleep(self._pause)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    def _went_well(self) -> None:
        if self._trouble:
            log.warning("%s: going on", self._stream.name)
            self._trouble = ""
        self._pause = _SHORTEST_PAUSE


def _note_purged(position: int, _: MessageLog, cursor: Cursor[TupleRow]) -> None:
    cursor.execute("SET synchronous_commit = on")
    cursor.execute(_queries.purged, {"position": position})
