"""Rows in PostgreSQL's binary COPY format (https://www.postgresql.org/docs/18/sql-copy.html, "Binary Format").

The log and its index are written as whole blocks of packed rows: formatting row by row through the driver costs more
than all else in an append.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection, Cursor, errors
from psycopg.abc import PQGen
from psycopg.generators import copy_to, fetch, send
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn
from psycopg.sql import SQL

_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_TRAILER = struct.pack("!h", -1)
_POSTGRES_EPOCH = 946_684_800_000_000
"""2000-01-01T00:00Z in microseconds since 1970; PostgreSQL counts from there."""
_PIECE = 1 << 17
"""Bytes given to libpq at a time: more than its buffer takes at once would be offered to it for ever."""


def packed_moment(microseconds: int) -> int:
    """Turn microseconds since 1970 into a binary ``timestamptz``."""
    return microseconds - _POSTGRES_EPOCH


def copy_rows(cursor: Cursor[Any], statement: SQL, rows: Iterable[bytes]) -> None:
    """Run a ``COPY … FROM STDIN (FORMAT BINARY)`` with these packed rows."""
    with cursor.copy(statement) as copy:
        copy.write(b"".join((_HEADER, *rows, _TRAILER)))


def copy_and(connection: Connection[Any], copies: Sequence[tuple[SQL, Iterable[bytes]]], *then: SQL) -> None:
    """Run several copies, and then other statements, as one command: each copy costs one wait for the server, not two.

    The driver's own ``copy`` takes one statement. The server goes from one to the next by itself, so this is one
    simple query (https://www.postgresql.org/docs/18/protocol-flow.html, "COPY Operations").
    """
    command = b";".join([one.as_bytes(connection) for one in (*(statement for statement, _ in copies), *then)])
    blocks = [b"".join((_HEADER, *rows, _TRAILER)) for _, rows in copies]
    connection.wait(_copying(connection.pgconn, command, blocks))


def _copying(pgconn: PGconn, command: bytes, blocks: list[bytes]) -> PQGen[None]:
    pgconn.send_query(command)
    yield from send(pgconn)
    failed = None
    waiting = iter(blocks)
    # Until there is no result more, also after an error: the connection is of no use before.
    while (result := (yield from fetch(pgconn))) is not None:
        if result.status == ExecStatus.COPY_IN:
            block = memoryview(next(waiting))
            for start in range(0, len(block), _PIECE):
                yield from copy_to(pgconn, block[start : start + _PIECE], flush=False)
            pgconn.put_copy_end()
            yield from send(pgconn)
        elif result.status == ExecStatus.FATAL_ERROR:
            failed = result
    if failed is not None:
        raise errors.error_from_result(failed)
