"""Connections to the database, and the log as projections read it."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection, Cursor
from psycopg.rows import TupleRow, tuple_row

from lrs.log.datastore import session
from lrs.log.messages import MessageLog
from projections import sql
from schemas.message import Message

_queries = sql.load(__package__)


def connect(url: str, store: str) -> Connection[TupleRow]:
    """Connect to a store as the app's role, each statement its own transaction unless one is begun."""
    connection = psycopg.connect(
        url,
        autocommit=True,
        row_factory=tuple_row,
        application_name=f"vliegwiel consume {store}",
        connect_timeout=5,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
    )
    try:
        session(connection, f"store_{store}")
    except BaseException:
        connection.close()
        raise
    return connection


def stores(url: str) -> list[str]:
    """Give the names of the stores that projections can be kept for."""
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        return [name for (name,) in connection.execute(_queries.stores)]


class LogUpTo:
    """The log of a store up to a position, read on one cursor: ``projections.replay.Log``."""

    def __init__(self, log: MessageLog, cursor: Cursor[Any], up_to: int) -> None:
        self._log = log
        self._cursor = cursor
        self._up_to = up_to

    def of(self, ids: Collection[UUID]) -> list[Message]:
        """Give the statements with these ids."""
        return self._log.of(self._cursor, ids, self._up_to)

    def about(self, learners: Collection[UUID]) -> list[Message]:
        """Give all statements that can matter to these learners."""
        return self._log.about(self._cursor, learners, self._up_to)

    def referrers(self, ids: Collection[UUID]) -> Mapping[UUID, Collection[UUID]]:
        """Give which statements point at these."""
        return self._log.referrers(self._cursor, ids, self._up_to)
