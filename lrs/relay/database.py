"""Reads the stores' logs for the relay, in threads."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.log.connect import connections
from lrs.log.datastore import session
from lrs.log.messages import MessageLog
from lrs.seal import MasterKey
from lrs.store_name import schema_of

T = TypeVar("T")
_CONNECTIONS: Final = 2


class Database:
    """A few connections that serve all stores in turn."""

    def __init__(self, url: str, master: MasterKey) -> None:
        """Prepare to connect; nothing connects before the first ``run``."""
        self._master = master
        self._logs: dict[str, MessageLog] = {}
        self._threads = ThreadPoolExecutor(_CONNECTIONS, thread_name_prefix="log")
        self._pool = connections(url, "relay", _CONNECTIONS)

    async def run(self, store: str, work: Callable[[MessageLog, Cursor[TupleRow]], T]) -> T:
        """Do something with a store's log; what it writes need not be durable. Raises psycopg's errors."""

        def with_cursor() -> T:
            with self._pool.connection() as connection, connection.cursor() as cursor:
                session(connection, schema_of(store))
                cursor.execute("SET synchronous_commit = off")
                log = self._logs.get(store)
                if log is None:
                    log = self._logs[store] = MessageLog(connection, store, self._master)
                return work(log, cursor)

        return await asyncio.get_running_loop().run_in_executor(self._threads, with_cursor)

    async def close(self) -> None:
        """Disconnect."""
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.to_thread(self._pool.close)
