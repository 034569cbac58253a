"""Opens a store for looking into its past, outside the server."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import Cursor, IsolationLevel
from psycopg.rows import TupleRow

from lrs.errors import NotFound
from lrs.index.version import require_current
from lrs.log.connect import connect_to
from lrs.log.messages import MessageLog
from lrs.seal import MasterKey
from lrs.store_name import schema_of


@contextmanager
def opened(url: str, store: str, master: MasterKey) -> Iterator[tuple[Cursor[TupleRow], MessageLog]]:
    """Give a cursor on one snapshot of a store, and its log.

    Raises BadStoreName, NotFound, StaleIndex, WrongMasterKey.
    """
    schema = schema_of(store)
    with connect_to(schema, url, f"audit {store}") as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        try:
            with connection.transaction(), connection.cursor() as cursor:
                require_current(cursor)
                yield cursor, MessageLog(connection, store, master)
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            raise NotFound(
                f"there is no store {store}, or it isn't up to date: see `lrs store list` and `lrs migrate`"
            ) from None
