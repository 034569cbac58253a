"""Connections as the tables' owner: for migration, rebuilding and the rotation of keys, never for serving."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL

from lrs.log.connect import connect
from lrs.log.datastore import LANGUAGE


@contextmanager
def owner(url: str, purpose: str) -> Iterator[Connection[TupleRow]]:
    """Give a connection as the URL's own account, each statement its own transaction; ``purpose`` is what it shows."""
    with connect(url, purpose) as connection:
        connection.execute(SQL("SELECT {language}").format(language=LANGUAGE))
        yield connection
