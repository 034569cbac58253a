"""The trees of all stores, for reading over HTTP."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from lrs.errors import NotFound
from lrs.log.connect import connections
from lrs.log.datastore import AWAY, session
from lrs.log.turns import Turns
from lrs.log.work import Unavailable
from lrs.store_name import BadStoreName, schema_of

T = TypeVar("T")
_CONNECTIONS: Final = 4


class NoTree(NotFound):
    """There is no such store, or nothing of it is signed yet."""


class Trees:
    """A few connections that serve all stores in turn: what is asked here is cached by whoever asks."""

    def __init__(self, url: str) -> None:
        """Prepare to connect; nothing connects before the first ``run``."""
        self._threads = ThreadPoolExecutor(_CONNECTIONS, thread_name_prefix="tree")
        self._turns = Turns(_CONNECTIONS)
        self._pool = connections(url, "tree", _CONNECTIONS)

    async def run(self, store: str, work: Callable[[Connection[TupleRow]], T]) -> T:
        """Read of one store, in a thread. Raises NoTree if there is no such store, and Unavailable."""
        try:
            schema = schema_of(store)
        except BadStoreName:
            raise NoTree(f"there is no store {store}") from None

        def with_connection() -> T:
            try:
                with self._pool.connection() as connection:
                    session(connection, schema)
                    return work(connection)
            except psycopg.errors.UndefinedTable:
                raise NoTree(f"there is no store {store}") from None
            except AWAY:
                raise Unavailable("the database is not answering") from None

        loop = asyncio.get_running_loop()
        return await self._turns.run(lambda: loop.run_in_executor(self._threads, with_connection))

    async def close(self) -> None:
        """Disconnect."""
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.to_thread(self._pool.close)
