"""By which version of the program a store's index was made: what one version wrote another may not find."""

from typing import Any, Final

from psycopg import Connection, Cursor
from psycopg.rows import TupleRow
from psycopg.sql import Identifier

from lrs import sql
from lrs.errors import NotReady

VERSION: Final = 4
"""To be raised with every change after which the same log gives other rows of the index."""
_TABLE: Final = "index_version"
_queries = sql.load(__package__)


class StaleIndex(NotReady):
    """The statement index was made by another version of the program."""

    def __init__(self) -> None:
        super().__init__(
            "the statement index was made by another version and doesn't find everything: run `lrs migrate` first"
        )


def require_current(cursor: Cursor[TupleRow]) -> None:
    """See that this version made the index of the store that the cursor works on. Raises StaleIndex."""
    if not _is_current(cursor, Identifier(_TABLE)):
        raise StaleIndex


def stale(connection: Connection[Any]) -> list[str]:
    """Give the schemas of the stores whose index this version didn't make."""
    with connection.cursor() as cursor:
        stores = cursor.execute(_queries.stores, {"table": _TABLE}).fetchall()
        return [schema for schema, noted in stores if not (noted and _is_current(cursor, Identifier(schema, _TABLE)))]


def _is_current(cursor: Cursor[TupleRow], table: Identifier) -> bool:
    return cursor.execute(_queries.version.format(table=table)).fetchone() == (VERSION,)


def note(cursor: Cursor[TupleRow]) -> None:
    """Note that this version made the index."""
    cursor.execute(_queries.note_version, {"version": VERSION})


def note_if_empty(cursor: Cursor[TupleRow]) -> None:
    """Note it of a store whose log is empty: no version would make anything else of that."""
    cursor.execute(_queries.note_version_if_empty, {"version": VERSION})
