"""Runs the relays of all stores, in the one process of a deployment that holds the lock."""

import asyncio
import contextlib
import logging
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from lrs import sql
from lrs.log.datastore import AWAY, keepalive
from lrs.log.lock import lock_of
from lrs.log.outage import Outage
from lrs.log.recorder import APPENDED
from lrs.nats_connection import NatsConnection
from lrs.relay.database import Database
from lrs.relay.store_relay import POLL, StoreRelay
from lrs.settings import Settings, nats_options
from lrs.stopping import unless_stopped
from lrs.store_name import schema_of

log = logging.getLogger(__name__)
_queries = sql.load(__package__)
LOCK: Final = lock_of("relay")
"""The advisory lock that the active relay holds for as long as its connection lives."""
_TRY_AGAIN: Final = 1.0
"""Seconds between two attempts to get the lock, or a connection."""


class Relay:
    """Waits for the lock, then relays every store there is and every one that is made, until it is stopped.

    Losing the lock unnoticed (a cut connection, a stopped machine) does no harm: see ``Stream``.
    """

    def __init__(self, settings: Settings) -> None:
        """Check the settings. Raises SettingsError."""
        self._settings = settings
        self._url = settings.database()
        self._master = settings.master()
        self._nats = nats_options(settings)
        self._stopping = asyncio.Event()
        self._stores: dict[str, StoreRelay] = {}

    def stop(self) -> None:
        """Ask it to end once what is under way is published."""
        self._stopping.set()

    async def run(self) -> None:
        """Relay until it is stopped, whatever is away meanwhile."""
        nats = NatsConnection(self._nats, "vliegwiel relay", meanwhile="trying until it does")
        database = Database(self._url, self._master)
        outage = Outage(log)
        try:
            await unless_stopped(self._stopping, nats.opened.wait())
            while not self._stopping.is_set():
                try:
                    async with await AsyncConnection.connect(
                        self._url, autocommit=True, application_name="vliegwiel relay lock", **keepalive(self._url)
                    ) as connection:
                        outage.over()
                        if await unless_stopped(self._stopping, self._lock(connection)):
                            await self._lead(connection, database, nats)
                except* AWAY as group:
                    outage.noticed(_first(group))
                    await unless_stopped(self._stopping, asyncio.sleep(_TRY_AGAIN))
        finally:
            await nats.close()
            await database.close()

    async def _lock(self, connection: AsyncConnection[TupleRow]) -> bool:
        """Wait for the lock."""
        await connection.execute(_queries.keepalive)
        waiting = False
        while True:
            row = await (await connection.execute(_queries.try_lock, {"lock": LOCK})).fetchone()
            if row and row[0]:
                return True
            if not waiting:
                log.warning("another relay is active: waiting to take over")
                waiting = True
            await asyncio.sleep(_TRY_AGAIN)

    async def _lead(self, connection: AsyncConnection[TupleRow], database: Database, nats: NatsConnection) -> None:
        log.warning("relaying")
        try:
            async with asyncio.TaskGroup() as group:
                listener = group.create_task(self._listen(connection, database, nats, group))
                try:
                    await self._stopping.wait()
                finally:
                    # When the listener fails, the group cancels the others; but before Python 3.12 `wait_for`, which
                    # the client of NATS uses, may swallow that. So each is asked to end, too.
                    listener.cancel()
                    for relay in self._stores.values():
                        relay.stop()
        finally:
            self._stores.clear()

    async def _listen(
        self,
        connection: AsyncConnection[TupleRow],
        database: Database,
        nats: NatsConnection,
        group: asyncio.TaskGroup,
    ) -> None:
        """Wake the relay of each store whose log grows, and begin to relay those that are new."""
        await connection.execute(SQL("LISTEN {}").format(Identifier(APPENDED)))
        while True:
            rows = await (await connection.execute(_queries.stores)).fetchall()
            for (store,) in rows:
                if schema_of(store) not in self._stores:
                    relay = StoreRelay(
                        database,
                        nats,
                        store,
                        days=self._settings.stream_days,
                        replicas=self._settings.stream_replicas,
                    )
                    self._stores[schema_of(store)] = relay
                    group.create_task(relay.run())
            # Closed at once: as long as it isn't, the connection is locked.
            async with contextlib.aclosing(connection.notifies(timeout=POLL)) as notices:
                async for notice in notices:
                    if notice.payload not in self._stores:
                        # Perhaps a new store. What else was said at this moment may be lost by looking.
                        for relay in self._stores.values():
                            relay.wake()
                        break
                    self._stores[notice.payload].wake()


def _first(group: BaseExceptionGroup[Any]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
