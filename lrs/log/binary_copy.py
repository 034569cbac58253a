"""Rows in PostgreSQL's binary COPY format (https://www.postgresql.org/docs/18/sql-copy.html, "Binary Format").

The log and its index are written as whole blocks of packed rows: formatting row by row through the driver costs more
than all else in an append.
"""

import struct
from collections.abc import Iterable
from typing import Any

from psycopg import Cursor
from psycopg.sql import SQL

_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_TRAILER = struct.pack("!h", -1)
_POSTGRES_EPOCH = 946_684_800_000_000
"""2000-01-01T00:00Z in microseconds since 1970; PostgreSQL counts from there."""


def packed_moment(microseconds: int) -> int:
    """Turn microseconds since 1970 into a binary ``timestamptz``."""
    return microseconds - _POSTGRES_EPOCH


def copy_rows(cursor: Cursor[Any], statement: SQL, rows: Iterable[bytes]) -> None:
    """Run a ``COPY … FROM STDIN (FORMAT BINARY)`` with these packed rows."""
    with cursor.copy(statement) as copy:
        copy.write(b"".join((_HEADER, *rows, _TRAILER)))
