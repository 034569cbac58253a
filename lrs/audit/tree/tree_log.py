"""One store's tree in the database: its tiles, its rows, what is signed of it."""

from collections.abc import Iterator
from typing import NamedTuple

from psycopg import Connection
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.tree.leaf import LogRow
from lrs.audit.tree.tile import Edge, Nodes, Tile, partial_tiles

_queries = sql.load(__package__)
PAGE = 5_000
"""Rows of the log that are read at once."""


class State(NamedTuple):
    """How far a tree is."""

    origin: str
    size: int
    checkpoint: str | None
    """The one that is served."""


class BrokenLog(Exception):
    """The log isn't as a log is; the message says where."""


def state(connection: Connection[TupleRow]) -> State | None:
    """Give how far the tree of the store that the search path names is; None before it was begun."""
    row = connection.execute(_queries.state).fetchone()
    return State(*row) if row else None


def edge(connection: Connection[TupleRow], size: int) -> Edge:
    """Give the right edge of the tree. Raises ValueError if its tiles aren't there."""
    names = list(partial_tiles(size))
    places = {"levels": [name.level for name in names], "indexes": [name.number for name in names]}
    rows = connection.execute(_queries.tiles, places, binary=True).fetchall()
    return Edge(size, [Tile(*row) for row in rows])


def nodes(connection: Connection[TupleRow]) -> Nodes:
    """Give the hashes that proofs are made of."""
    return Nodes(lambda level, number: tile(connection, level, number))


def tile(connection: Connection[TupleRow], level: int, number: int) -> bytes:
    """Give the hashes of a tile, as many as there are; none if it isn't there."""
    row = connection.execute(_queries.tile, {"level": level, "index": number}, binary=True).fetchone()
    return bytes(row[0]) if row else b""


def head(connection: Connection[TupleRow]) -> int:
    """Give the position of the log's last event."""
    return int(sql.one(connection.execute(_queries.head))[0])


def rows(connection: Connection[TupleRow], after: int, up_to: int) -> Iterator[LogRow]:
    """Give the rows of the log after a position. Raises BrokenLog where one is missing, or not later than the other."""
    before: LogRow | None = None
    position = after
    while position < up_to:
        found = connection.execute(
            _queries.rows, {"after": position, "up_to": up_to, "limit": PAGE}, binary=True
        ).fetchall()
        for row in map(LogRow._make, found):
            if row.position != position + 1:
                break
            if before is not None and row.stored <= before.stored:
                raise BrokenLog(f"position {row.position} was stored no later than the one before it")
            before, position = row, row.position
            yield row
        if not found or found[-1][0] != position:
            raise BrokenLog(f"position {position + 1} is missing from the log")
