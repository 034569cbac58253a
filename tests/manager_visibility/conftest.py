"""The tables that manager visibility is read from, on a real database."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import Cursor
from psycopg.rows import TupleRow

from tests.databases import NewDatabase

ROOT = Path(__file__).parent.parent.parent
_TABLES = ("lrs/organisation/schema.sql", "projections/manager_visibility/schema.sql")


@pytest.fixture
def cursor(new_database: NewDatabase) -> Iterator[Cursor[TupleRow]]:
    """A cursor on empty tables."""
    with psycopg.connect(new_database(), autocommit=True) as connection:
        connection.execute("CREATE SCHEMA given; SET search_path = given; SET timezone = 'UTC'")
        for file in _TABLES:
            connection.execute((ROOT / file).read_text(encoding="utf-8"))
        with connection.cursor() as cursor:
            yield cursor
