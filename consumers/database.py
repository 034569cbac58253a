"""Connections to the database, and the log as projections read it."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final, TypeVar
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.rows import TupleRow

from lrs.log.connect import connect, connect_to, connections
from lrs.log.datastore import session
from lrs.log.messages import MessageLog
from lrs.store_name import schema_of
from projections import sql
from schemas.message import Message

_queries = sql.load(__package__)
T = TypeVar("T")
CONNECTIONS: Final = 4
"""Connections for all projections of all stores together, at most: taking statements in must never lack one."""


def connect_to_store(url: str, store: str) -> Connection[TupleRow]:
    """Connect to a store as the app's role, each statement its own transaction unless one is begun."""
    return connect_to(schema_of(store), url, f"consume {store}")


def stores(url: str) -> list[str]:
    """Give the names of the stores that projections can be kept for."""
    with connect(url, "consume") as connection:
        return [name for (name,) in connection.execute(_queries.stores)]


class Connections:
    """A few connections that serve all stores in turn."""

    def __init__(self, url: str, most: int = CONNECTIONS) -> None:
        """Prepare to connect; nothing connects before somebody needs it."""
        self.turn = asyncio.Semaphore(most)
        """To be held while something runs on a connection: then there is one, and who waits longest comes first."""
        self._pool = connections(url, "consume", most)

    def run(self, store: str, work: Callable[[Connection[TupleRow]], T]) -> T:
        """Do something on a connection that is as ``connect_to_store`` gives it; blocks."""
        with self._pool.connection() as connection:
            session(connection, schema_of(store))
            return work(connection)

    def close(self) -> None:
        """Disconnect; blocks."""
        self._pool.close()


class LogUpTo:
    """The log of a store up to a position, read on one cursor: ``projections.replay.Log``."""

    def __init__(self, log: MessageLog, cursor: Cursor[Any], up_to: int) -> None:
        self._log = log
        self._cursor = cursor
        self._up_to = up_to

    def of(self, ids: Collection[UUID]) -> list[Message]:
        """Give the statements with these ids."""
        return self._log.of(self._cursor, ids, self._up_to)

    def touching(self, learners: Collection[UUID]) -> Iterator[list[Message]]:
        """Give all statements that can touch these learners, in pages."""
        return self._log.touching(self._cursor, learners, self._up_to)

    def voiding(self, ids: Collection[UUID]) -> list[Message]:
        """Give the statements that void any of these."""
        return self._log.voiding(self._cursor, ids, self._up_to)

    def referrers(self, ids: Collection[UUID]) -> Mapping[UUID, Collection[UUID]]:
        """Give which statements point at these."""
        return self._log.referrers(self._cursor, ids, self._up_to)
