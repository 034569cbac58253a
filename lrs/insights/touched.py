"""Whom each message of the log touches: worked out once for all who listen to a store."""

import asyncio
from bisect import bisect_right
from collections.abc import Iterable
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.insights.store import InsightStore
from lrs.log.pointing import pointed_at
from schemas.message import Message
from schemas.organisation import OrganisationChange

_KEPT: Final = 10_000
"""Messages remembered, and the most that are looked back over for who was away."""
_BATCH: Final = 500
_LAST: Final = 2**63 - 1
_change = msgspec.json.Decoder(OrganisationChange).decode


class Touch(NamedTuple):
    """Learners and persons for whom a message changes something."""

    position: int
    who: frozenset[UUID] | None
    """None: everybody."""


class TooLongAgo(Exception):
    """More happened since than is looked back over."""


class Touched:
    """The last messages of a store. For one event loop."""

    def __init__(self, store: InsightStore) -> None:
        self._store = store
        self._lock = asyncio.Lock()
        self._after = 0
        self._up_to = 0
        self._touches: list[Touch] = []

    async def between(self, after: int, up_to: int) -> list[Touch]:
        """Give what the messages after a position touch, up to another. Raises TooLongAgo, Unavailable."""
        if up_to - after > _KEPT:
            raise TooLongAgo
        async with self._lock:
            if not self._after <= after <= self._up_to:
                self._after, self._up_to, self._touches = after, after, []
            if up_to > self._up_to:
                begin = self._up_to
                self._touches += await self._store.run(lambda rows: _read(rows, self._store, begin, up_to))
                self._up_to = up_to
            self._forget()
            first, last = (bisect_right(self._touches, position, key=_position) for position in (after, up_to))
            return self._touches[first:last]

    def _forget(self) -> None:
        surplus = len(self._touches) - 2 * _KEPT
        if surplus > 0:
            self._after = self._touches[surplus - 1].position
            del self._touches[:surplus]


def _position(touch: Touch) -> int:
    return touch.position


def _read(rows: Cursor[TupleRow], store: InsightStore, after: int, up_to: int) -> list[Touch]:
    found: list[Touch] = []
    while messages := store.log.after(rows, after, up_to, _BATCH):
        found += _touches(rows, store, messages)
        after = messages[-1].position
    return found


def _touches(rows: Cursor[TupleRow], store: InsightStore, messages: list[Message]) -> list[Touch]:
    statements = [message for message in messages if message.statement]
    aims = {message.id: pointed_at(message) for message in statements}
    pointing = store.log.referrers(rows, list(aims), _LAST)
    others = {id_ for ids in (*aims.values(), *pointing.values()) for id_ in ids}
    learners = {other.id: other.learner for other in store.log.of(rows, others, _LAST) if other.learner}
    return [
        Touch(
            message.position,
            _of_change(message)
            if message.kind != "statement"
            else _of_statement(message, (*aims.get(message.id, ()), *pointing.get(message.id, ())), learners),
        )
        for message in messages
    ]


def _of_statement(message: Message, others: Iterable[UUID], learners: dict[UUID, UUID]) -> frozenset[UUID]:
    own = [] if message.learner is None else [message.learner]
    return frozenset([*own, *message.people, *(learners[other] for other in others if other in learners)])


def _of_change(message: Message) -> frozenset[UUID] | None:
    """Give who a change of the organisation or an erasure is about; policy and vocabulary are about everybody."""
    if message.kind == "erasure":
        return frozenset(message.people)
    if message.kind != "organisation":
        return None
    change = _change(message.change)
    who = {id_ for person in change.people for id_ in (person.id, *person.learners)} | set(change.removed_people)
    if change.teams or change.removed_teams or change.memberships is not None or change.managements is not None:
        return None
    who |= {one.person for one in (*change.added_memberships, *change.removed_memberships)}
    return frozenset(who | {one.manager for one in (*change.added_managements, *change.removed_managements)})
