"""One store, for reading what its statements mean. It has connections of its own: slow reads never hold up xAPI's."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import psycopg
from psycopg import Cursor, IsolationLevel
from psycopg.errors import QueryCanceled
from psycopg.rows import TupleRow, tuple_row
from psycopg_pool import ConnectionPool

from lrs.index import Statements
from lrs.log.datastore import AWAY, CONNECT_TIMEOUT, RECONNECT, is_lost, keepalive, session
from lrs.log.messages import MessageLog
from lrs.log.opened import Opened
from lrs.log.reader import Reader
from lrs.log.turns import Turns
from lrs.log.work import Unavailable
from lrs.problem import Problem
from lrs.seal import Keyring, MasterKey
from lrs.store_name import BadStoreName, schema_of

T = TypeVar("T")
READERS = 4
"""Connections a process reads insights of one store with, at most."""
PATIENCE = 20
"""Seconds one statement may take in the database."""
_TIMEOUT = f"{PATIENCE}s"


class InsightStore:
    """Reads for one store; made by ``InsightStores.get``."""

    def __init__(self, url: str, name: str, master: MasterKey) -> None:
        """Connect; blocks."""
        self.name = name
        self.schema = schema_of(name)
        # A store's own: else one whose questions take long would hold up those of all others.
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix=f"insights {name}")
        self._pool = ConnectionPool(
            url,
            kwargs={"row_factory": tuple_row, "application_name": f"vliegwiel insights {name}", **keepalive(url)},
            min_size=0,
            max_size=READERS,
            num_workers=1,  # a pool grows by one connection at a time anyway
            configure=lambda connection: _reading(connection, self.schema),
            timeout=CONNECT_TIMEOUT,
            reconnect_timeout=RECONNECT,
            open=True,
        )
        try:
            with self._pool.connection() as connection:
                self.log = MessageLog(connection, name, master)
                self.keyring = Keyring.open(connection, self.schema, master)
        except BaseException:
            self._pool.close()
            raise
        self.statements = Statements(self.keyring, Reader(self.keyring))
        self._turns = Turns(READERS)

    def close(self) -> None:
        """Disconnect; blocks."""
        self._pool.close()
        self._threads.shutdown()

    async def run(self, work: Callable[[Cursor[TupleRow]], T]) -> T:
        """Run reads in a thread, all on one snapshot of the database; again if the connection was lost.

        Temporary tables made meanwhile are gone afterwards. Raises Unavailable, Problem if it takes too long.
        """
        loop = asyncio.get_running_loop()
        return await self._turns.run(lambda: loop.run_in_executor(self._threads, self._answering, work))

    def _answering(self, work: Callable[[Cursor[TupleRow]], T]) -> T:
        try:
            try:
                return self._once(work)
            except AWAY as error:
                if not is_lost(error):
                    raise
                self._pool.drain()
                return self._once(work)
        except QueryCanceled:
            detail = f"this takes longer than {PATIENCE} s: ask for less, by team or for one person"
            raise Problem(503, detail, headers={"Retry-After": "60"}) from None
        except AWAY as error:
            raise Unavailable("the database is not answering") from error

    def _once(self, work: Callable[[Cursor[TupleRow]], T]) -> T:
        with self._pool.connection() as connection, connection.transaction(force_rollback=True):
            return work(connection.cursor())


class InsightStores:
    """Opens each store once per process."""

    def __init__(self, url: str, master: MasterKey) -> None:
        self._url = url
        self._master = master
        self._opened = Opened(self._connect)

    async def get(self, name: str) -> InsightStore:
        """Give a store. Raises Unavailable; a Problem if there is none of that name."""
        return await self._opened.get(name)

    async def close(self) -> None:
        """Close every open store."""
        for store in self._opened.take_all():
            await asyncio.to_thread(store.close)

    def _connect(self, name: str) -> InsightStore:
        try:
            return InsightStore(self._url, name, self._master)
        except (BadStoreName, psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            raise Problem(403, f"you were sent to the store {name!r}, and there is none of that name here") from None
        except AWAY as error:
            raise Unavailable("the database is not answering") from error


def _reading(connection: psycopg.Connection[TupleRow], schema: str) -> None:
    session(connection, schema)
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.execute("SELECT set_config('jit', 'off', false), set_config('statement_timeout', %s, false)", [_TIMEOUT])
