"""Gives what somebody looked at: theirs to know, but not whose data they were."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql

_queries = sql.load(__package__)


class Looked(Struct, frozen=True):
    """Somebody looked at others' data, on one day, once or more often."""

    day: Annotated[date, Meta(description="UTC")]
    means: Annotated[str, Meta(description="What was read")]
    persons: Annotated[int, Meta(description="At how many persons' data")]
    first: datetime
    last: datetime


def looked(cursor: Cursor[TupleRow], learners: Collection[UUID]) -> list[Looked]:
    """Give what these learners, who are one person, looked at, the latest first."""
    rows = cursor.execute(_queries.looked, {"learners": list(learners)}).fetchall()
    return [
        Looked(day, means, persons, first.astimezone(UTC), last.astimezone(UTC))
        for day, means, persons, first, last in rows
    ]
