"""A store's own tables, on a real database."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.store_name import schema_of
from tests.databases import NewDatabase


@pytest.fixture
def cursor(new_database: NewDatabase) -> Iterator[Cursor[TupleRow]]:
    """A cursor in the schema of a new store, as the role that serves."""
    with psycopg.connect(new_database("default")) as connection, connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {schema_of('default')}")
        cursor.execute("SET ROLE vliegwiel_app")
        yield cursor
