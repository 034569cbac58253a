"""Connections to the database: one, one in a store, or a few that serve all stores in turn."""

from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow, tuple_row
from psycopg_pool import ConnectionPool

from lrs.log.datastore import CONNECT_TIMEOUT, RECONNECT, keepalive, session


def connect(url: str, purpose: str) -> Connection[TupleRow]:
    """Connect as the URL's own account, each statement its own transaction; ``purpose`` is what the database shows.

    Raises psycopg's errors.
    """
    return psycopg.connect(url, **_options(url, purpose))


def connect_to(schema: str, url: str, purpose: str) -> Connection[TupleRow]:
    """Connect as the app's role, to a store's schema or the control schema. Raises psycopg's errors."""
    connection = connect(url, purpose)
    try:
        session(connection, schema)
    except BaseException:
        connection.close()
        raise
    return connection


def connections(url: str, purpose: str, most: int) -> ConnectionPool[Connection[TupleRow]]:
    """Give a pool of a few that serve all stores in turn: each time, make a ``session`` of it first.

    Nothing connects before somebody needs it.
    """
    return ConnectionPool(
        url,
        kwargs=_options(url, purpose),
        min_size=0,
        max_size=most,
        check=ConnectionPool.check_connection,
        timeout=CONNECT_TIMEOUT,
        reconnect_timeout=RECONNECT,
        open=True,
    )


def _options(url: str, purpose: str) -> dict[str, Any]:
    return {
        "autocommit": True,
        "row_factory": tuple_row,
        "application_name": f"vliegwiel {purpose}",
        **keepalive(url),
    }
