"""Reads which verbs no meaning is known for."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from projections import sql
from projections.unknown_verbs.fold import EXAMPLES

_queries = sql.load(__package__)


class Query(NamedTuple):
    """Which verbs to give; None: no restriction."""

    learners: Sequence[UUID] | None = None
    """Only their statements count."""
    verb: str | None = None
    seen_since: datetime | None = None
    """Seen at this moment or later, by the statements' own timestamps."""


class UnknownVerb(Struct, frozen=True, rename="camel"):
    """A verb that the vocabulary doesn't know, with one type of activity."""

    verb: str
    activity_type: str
    """Empty if the activity has none or the object is no activity."""
    statements: int
    first_seen: datetime
    last_seen: datetime
    examples: list[UUID]
    """Statements to look at, of different learners."""

    @property
    def key(self) -> tuple[int, str, str]:
        """Its place in the list: where the next page begins after it."""
        return (self.statements, self.verb, self.activity_type)


def unknown_verbs(
    cursor: Cursor[TupleRow], query: Query, *, after: tuple[int, str, str] | None = None, limit: int
) -> list[UnknownVerb]:
    """Give a page of unknown verbs, those with most statements first; ``after`` is the ``key`` of the one before."""
    statements, verb, type_ = after or (None, None, None)
    params = {
        "learners": None if query.learners is None else list(query.learners),
        "verb": query.verb,
        "since": query.seen_since,
        "statements": statements,
        "after_verb": verb,
        "after_type": type_,
        "examples": EXAMPLES,
        "limit": limit,
    }
    found = cursor.execute(_queries.unknown_verbs, params).fetchall()
    return [UnknownVerb(*row) for row in found]
