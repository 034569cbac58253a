"""Learners whom a projection leaves out, because one of their statements breaks its fold."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from projections import sql
from projections.replay import Broken

_queries = sql.load(__package__)


class Parked(NamedTuple):
    """One of them."""

    projection: str
    learner: UUID
    position: int
    statement: UUID | None
    """None: the rows could not be made of the state."""
    reason: str
    since: datetime


def park(cursor: Cursor[TupleRow], projection: str, broken: Mapping[UUID, Broken], position: int) -> None:
    """Note who breaks at a position. Who is parked already stays so, for the new reason."""
    for person, (where, statement, reason) in broken.items():
        parameters = {"person": person, "position": where or position, "statement": statement, "reason": reason}
        cursor.execute(_queries.park, {"name": projection, **parameters})


def parked(cursor: Cursor[TupleRow], projections: list[str]) -> list[Parked]:
    """List who is parked in these projections."""
    return [Parked(*row) for row in cursor.execute(_queries.parked, {"names": projections})]
