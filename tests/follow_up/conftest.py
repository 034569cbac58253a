"""Follow-up's tables in a schema of their own."""

from collections.abc import Iterator
from importlib.resources import files

import psycopg
import pytest
from psycopg import Cursor
from psycopg.rows import TupleRow

from tests.databases import NewDatabase

_ORGANISATION = """
CREATE TABLE memberships (person uuid, team text, during daterange);
CREATE TABLE managements (manager uuid, team text, during daterange);
GRANT SELECT ON memberships, managements TO vliegwiel_app
"""


@pytest.fixture
def owner_cursor(new_database: NewDatabase) -> Iterator[Cursor[TupleRow]]:
    """A cursor as the owner of the tables: those of follow-up and of the organisation it reads."""
    with psycopg.connect(new_database()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA follow_up_test")
        cursor.execute("GRANT USAGE ON SCHEMA follow_up_test TO vliegwiel_app")
        cursor.execute("SET search_path = follow_up_test")
        cursor.execute(files("projections.follow_up").joinpath("schema.sql").read_text(encoding="utf-8"))
        cursor.execute(_ORGANISATION)
        yield cursor


@pytest.fixture
def cursor(owner_cursor: Cursor[TupleRow]) -> Cursor[TupleRow]:
    """A cursor in the role that serves and folds."""
    owner_cursor.execute("SET ROLE vliegwiel_app")
    return owner_cursor
