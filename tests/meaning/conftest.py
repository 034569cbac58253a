"""A store's own tables, on a real database."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.store import create_store, migrate
from lrs.store.migrate import schema_of


@pytest.fixture
def cursor(database_url: str) -> Iterator[Cursor[TupleRow]]:
    """A cursor in the schema of a new store, as the role that serves."""
    migrate(database_url)
    create_store(database_url, "default")
    with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {schema_of('default')}")
        cursor.execute("SET ROLE vliegwiel_app")
        yield cursor
