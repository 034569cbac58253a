"""What an erasure takes: whom, and how much of what."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.erasure.found import Finder, Found
from projections.replay.read import kept

_queries = sql.load(__package__)


class Extent(NamedTuple):
    """All that concerns some persons in one store, at one moment."""

    persons: list[UUID]
    """Who go together: usually one."""
    learners: list[UUID]
    """Every learner that they are, and anonymous groups of which nobody else is left; the persons first."""
    keys: list[UUID]
    known: list[UUID]
    """Those of the persons that the organisation knows."""
    found: Found
    counts: dict[str, int]
    """``statements`` (theirs), ``mentions`` (others' statements that mention them), ``messages`` (of these, those that
    the stream may hold), ``attachments``, ``documents``, ``identifiers``, of the organisation ``people``,
    ``memberships`` and ``managements``, and rows by projection."""


def extent(cursor: Cursor[TupleRow], finder: Finder, learners: Collection[UUID], expired: datetime) -> Extent:
    """Give the extent of what concerns these learners and all others that are the same persons.

    What was stored up to a moment has ``expired`` in the stream.
    """
    rows = cursor.execute(_queries.persons, {"learners": sql.uuids(learners)}).fetchall()
    persons = [person for person, _ in rows]
    everybody = list(dict.fromkeys([*persons, *(one for _, linked in rows for one in linked)]))
    found = finder.find(cursor, everybody)
    while not found.groups.issubset(everybody):
        everybody += sorted(found.groups.difference(everybody))
        found = finder.find(cursor, everybody)
    named = {"learners": sql.uuids(everybody)}
    keys = [key for (key,) in cursor.execute(_queries.keys, named)]
    identifiers = len(cursor.execute(_queries.digests, named).fetchall())
    streamed = finder.position_at(cursor, expired)
    positions = [*(one.position for one in found.own), *(one.position for one in found.mentioning)]
    held = cursor.execute(_queries.in_organisation, {"persons": sql.uuids(persons)}).fetchall()
    counts = {
        "statements": len(found.own),
        "mentions": len(found.mentioning),
        "messages": sum(position > streamed for position in positions),
        "attachments": _count(cursor.execute(_queries.attachments, {"keys": sql.uuids(keys)})),
        "documents": _count(cursor.execute(_queries.documents, named)),
        "identifiers": identifiers,
        "people": len(held),
        "memberships": sum(memberships for _, memberships, _ in held),
        "managements": sum(managements for _, _, managements in held),
        **kept(cursor, everybody),
    }
    return Extent(persons, everybody, keys, [person for person, _, _ in held], found, counts)


def _count(cursor: Cursor[TupleRow]) -> int:
    return int(sql.one(cursor)[0])
