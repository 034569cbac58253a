"""The tables that streaks are read from, on a real database."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import SQL

from lrs import sql

_ROLE = """
DO $$ BEGIN
    CREATE ROLE vliegwiel_app NOLOGIN;
EXCEPTION WHEN duplicate_object THEN NULL;
END $$
"""


@pytest.fixture
def cursor(database_url: str) -> Iterator[Cursor[TupleRow]]:
    """A cursor in a schema with the organisation's tables and those of streaks, all empty."""
    with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
        cursor.execute(_ROLE)
        cursor.execute("CREATE SCHEMA store_read")
        cursor.execute("SET search_path = store_read")
        for package in ("lrs.organisation", "projections.streaks"):
            cursor.execute(SQL(sql.read(package, "schema.sql")))
        yield cursor
