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
    least: int = 0
    """Verbs of fewer people come last: their place doesn't tell how many statements there are."""
    few: bool = True
    """Whether those are given at all."""


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
    people: int
    """How many people they are of."""


def place(found: UnknownVerb, query: Query) -> tuple[int, str, str]:
    """Give a verb's place in the list, for ``after``: where the next page begins after it."""
    return (found.statements if found.people >= query.least else 0), found.verb, found.activity_type


def unknown_verbs(
    cursor: Cursor[TupleRow], query: Query, *, after: tuple[int, str, str] | None = None, limit: int
) -> list[UnknownVerb]:
    """Give a page of unknown verbs, those with most statements first; ``after`` is the ``place`` of the one before."""
    key, verb, type_ = after or (None, None, None)
    params = {
        "learners": None if query.learners is None else list(query.learners),
        "verb": query.verb,
        "since": query.seen_since,
        "least": query.least,
        "few": query.few,
        "place": key,
        "after_verb": verb,
        "after_type": type_,
        "examples": EXAMPLES,
        "limit": limit,
    }
    found = cursor.execute(_queries.unknown_verbs, params).fetchall()
    return [UnknownVerb(*row) for row in found]
