"""What Postgres itself can do with the rows a run made: the limits that figures are compared with."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import psycopg
from msgspec import json
from psycopg.sql import SQL, Identifier

from lrs.settings import Settings
from lrs.store_name import schema_of

_LIMIT_SCHEMA = "bench_limit"
_TABLES = (
    ("stored_events", "notification_id"),
    ("statement_salts", "position"),
    ("statement_terms", "position"),
    ("statement_refs", "position"),
)
_READ = SQL(
    "SELECT originator_id, topic, notification_id, stored, state FROM stored_events WHERE notification_id = ANY(%s)"
)


def head(settings: Settings) -> int:
    """Give the position of the last event."""
    with _connected(settings) as connection:
        row = connection.execute("SELECT coalesce(max(notification_id), 0) FROM stored_events").fetchone()
        assert row
        return int(row[0])


def copy_seconds(settings: Settings, after: int, commits_of: Sequence[int]) -> list[float]:
    """Give how long one connection takes to COPY the rows of the statements after a position.

    The same rows of the log, its salts and the index go into empty tables with the same columns, indexes and storage.
    How many statements go with one commit is given; 0 is all in one transaction.
    """
    with _connected(settings) as connection:
        last = head(settings)
        _set_aside(connection, after)
        times = []
        for size in commits_of:
            blocks = [*range(after, last, size or last - after), last]
            rows = [_exported(connection, low, high) for low, high in pairwise(blocks)]
            times.append(_copy(connection, schema_of(settings.store), rows))
        return times


def _set_aside(connection: psycopg.Connection[Any], after: int) -> None:
    """Copy the rows after a position to temporary tables that find them by it: the index table can't."""
    for table, position in _TABLES:
        names = {"rows": Identifier(f"bench_{table}"), "table": Identifier(table), "position": Identifier(position)}
        connection.execute(
            SQL("CREATE TEMPORARY TABLE {rows} AS SELECT * FROM {table} WHERE {position} > {after}").format(
                **names, after=after
            )
        )
        connection.execute(SQL("CREATE INDEX ON {rows} ({position})").format(**names))


def _exported(connection: psycopg.Connection[Any], low: int, high: int) -> list[bytes]:
    found = []
    for table, position in _TABLES:
        query = SQL(
            "COPY (SELECT * FROM {table} WHERE {position} > {low} AND {position} <= {high} ORDER BY {order})"
            " TO STDOUT (FORMAT BINARY)"
        ).format(
            table=Identifier(f"bench_{table}"),
            position=Identifier(position),
            low=low,
            high=high,
            # terms in the order of their key: nothing is faster
            order=SQL("term, position") if table == "statement_terms" else Identifier(position),
        )
        with connection.cursor().copy(query) as copy:
            found.append(b"".join(copy))
    return found


def _copy(connection: psycopg.Connection[Any], schema: str, blocks: Sequence[Sequence[bytes]]) -> float:
    limit = Identifier(_LIMIT_SCHEMA)
    connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(limit))
    connection.execute(SQL("CREATE SCHEMA {}").format(limit))
    try:
        for table, _ in _TABLES:
            connection.execute(
                SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(
                    Identifier(_LIMIT_SCHEMA, table), Identifier(schema, table)
                )
            )
        began = time.perf_counter()
        for block in blocks:
            with connection.transaction():
                for (table, _), rows in zip(_TABLES, block, strict=True):
                    query = SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(Identifier(_LIMIT_SCHEMA, table))
                    with connection.cursor().copy(query) as copy:
                        copy.write(rows)
        took = time.perf_counter() - began
        for table, _ in _TABLES:
            # A limit that moved fewer rows than the product would flatter nobody but itself.
            _same_number(connection, Identifier(f"bench_{table}"), Identifier(_LIMIT_SCHEMA, table))
        return took
    finally:
        connection.execute(SQL("DROP SCHEMA {} CASCADE").format(limit))


def _same_number(connection: psycopg.Connection[Any], one: Identifier, other: Identifier) -> None:
    query = SQL("SELECT (SELECT count(*) FROM {}), (SELECT count(*) FROM {})").format(one, other)
    row = connection.execute(query).fetchone()
    if row is None or row[0] != row[1]:
        raise RuntimeError(f"the limit was measured with other rows than the run made: {row}")


def read_rate(settings: Settings, bodies: Sequence[bytes], connections: int, seconds: float) -> float:
    """Give pages per second at which as many processes, with a connection each, read the rows these answers show."""
    pages = [_positions(settings, body) for body in bodies]
    with ProcessPoolExecutor(connections) as pool:
        return sum(pool.map(_read, [settings] * connections, [pages] * connections, [seconds] * connections))


def _positions(settings: Settings, body: bytes) -> list[int]:
    ids = [statement["id"] for statement in json.decode(body)["statements"]]
    with _connected(settings) as connection:
        rows = connection.execute("SELECT notification_id FROM stored_events WHERE originator_id = ANY(%s)", [ids])
        return [row[0] for row in rows]


def _read(settings: Settings, pages: list[list[int]], seconds: float) -> float:
    with _connected(settings) as connection, connection.cursor(binary=True) as cursor:
        for page in pages:  # prepared and warm
            rows = cursor.execute(_READ, [page], prepare=True).fetchall()
            if len(rows) != len(page):
                raise RuntimeError(f"{len(rows)} rows at {len(page)} positions")
        began = time.perf_counter()
        many = 0
        while time.perf_counter() - began < seconds:
            cursor.execute(_READ, [pages[many % len(pages)]], prepare=True).fetchall()
            many += 1
        return many / (time.perf_counter() - began)


@contextmanager
def _connected(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(settings.database(), autocommit=True) as connection:
        connection.execute("SELECT set_config('search_path', %s, false)", [schema_of(settings.store)])
        yield connection
