"""The tables that manager visibility is read from, on a real database."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.store import migrate

ROOT = Path(__file__).parent.parent.parent
_TABLES = ("lrs/organisation/schema.sql", "projections/manager_visibility/schema.sql")


@pytest.fixture
def cursor(database_url: str) -> Iterator[Cursor[TupleRow]]:
    """A cursor on empty tables."""
    migrate(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA given; SET search_path = given; SET timezone = 'UTC'")
        for file in _TABLES:
            connection.execute((ROOT / file).read_text(encoding="utf-8"))
        with connection.cursor() as cursor:
            yield cursor
