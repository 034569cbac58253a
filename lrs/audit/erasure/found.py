"""Finds all that the log's statements say by and about somebody."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.batched import batched
from lrs.index.forgetting import Altered, Forgetting, Gone, gone
from lrs.index.terms import target
from lrs.index.version import require_current
from lrs.log.event import RecordedEvent
from lrs.log.reader import FORGOTTEN, LoggedStatement, Reader, statement_text
from lrs.seal import Keyring, PersonKey
from lrs.seal.kinds import CONTEXT_STATEMENT, OF_PERSONS
from lrs.statement.actor import is_identified
from schemas.event import StatementRecorded, decode_statement_recorded
from schemas.xapi import Actor, Statement

_queries = sql.load(__package__)
_PAGE: Final = 200
"""Events that are opened at once."""
_LARGEST: Final = 2**63 - 1


class Found(NamedTuple):
    """What concerns some learners among the statements."""

    own: list[Gone]
    """Theirs: sealed under their keys."""
    mentioning: list[Altered]
    """Others' that mention them."""
    touched: set[UUID]
    """Other learners who are in one statement with them, or in one that points at theirs or that theirs points at."""
    groups: set[UUID]
    """Learners that are anonymous groups of which nobody else is left."""


class _Sealed(NamedTuple):
    event: RecordedEvent
    state: StatementRecorded
    keys: dict[bytes, PersonKey]
    """Those that are there of the keys that it is sealed under."""


class Finder:
    """Reads one store's statements, on a cursor that binds parameters itself (a ClientCursor)."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._reader = Reader(keyring)
        self.index = Forgetting(keyring, self._reader)

    def position_at(self, cursor: Cursor[TupleRow], moment: datetime) -> int:
        """Give the last position recorded at or before a moment; 0 if there is none."""
        return self._reader.position_at(cursor, moment)

    def find(self, cursor: Cursor[TupleRow], learners: Collection[UUID]) -> Found:
        """Give what concerns these learners, as far as it can be read. Raises StaleIndex: it would pass things over."""
        require_current(cursor)
        digests = [digest for (digest,) in cursor.execute(_queries.digests, {"learners": sql.uuids(learners)})]
        terms = [self._keyring.person_term(kind, digest) for digest in digests for kind in OF_PERSONS]
        found = Found([], [], set(), set())
        aims: set[UUID] = set()
        for sealed in self._sealed(cursor, self.index.sources(cursor, terms)):
            self._add(found, aims, sealed, set(learners))
        self._touch(cursor, found, aims)
        found.touched.difference_update(learners)
        return found

    def at(self, cursor: Cursor[TupleRow], positions: Sequence[int]) -> Found:
        """Give the statements at these positions that can be read, and everybody whom they concern.

        Raises StaleIndex.
        """
        require_current(cursor)
        found = Found([], [], set(), set())
        aims: set[UUID] = set()
        for event, state, keys in self._sealed(cursor, positions):
            text = statement_text(event.originator_id, state, keys, event.salt)
            if text is None:
                continue
            found.touched.update(key.learner for key in keys.values())
            logged = LoggedStatement(event.position, event.originator_id, event.stored, text, state.defines)
            entry = self.index.entry(logged)
            found.own.append(gone(entry))
            aims.update(_aims(entry.statement))
        self._touch(cursor, found, aims)
        return found

    def _sealed(self, cursor: Cursor[TupleRow], positions: Collection[int]) -> Iterator[_Sealed]:
        """Give the statements at these positions with their keys, in order."""
        for page in batched(sorted(positions), _PAGE):
            events = self._reader.at(cursor, page, ascending=True, most_bytes=_LARGEST)
            states = [decode_statement_recorded(event.state) for event in events]
            ids = {UUID(bytes=part.key) for state in states for part in (state.text, *state.mentions)}
            keys = {id_.bytes: key for id_, key in self._keyring.by_id(cursor, ids).items()}
            for event, state in zip(events, states, strict=True):
                used = {part.key for part in (state.text, *state.mentions)}
                yield _Sealed(event, state, {id_: key for id_, key in keys.items() if id_ in used})

    def _add(self, found: Found, aims: set[UUID], sealed: _Sealed, learners: set[UUID]) -> None:
        event, state, keys = sealed
        text = statement_text(event.originator_id, state, keys, event.salt)
        if text is None:
            return
        found.touched.update(key.learner for key in keys.values())
        logged = LoggedStatement(event.position, event.originator_id, event.stored, text, state.defines)
        entry = self.index.entry(logged)
        others = {id_: key for id_, key in keys.items() if key.learner not in learners}
        left = statement_text(event.originator_id, state, others, event.salt)
        if left is None:
            found.own.append(gone(entry))
            aims.update(_aims(entry.statement))
            return
        after = self.index.entry(logged._replace(text=left))
        found.mentioning.append(
            Altered(event.position, event.originator_id, entry.features.terms, after.features.terms)
        )
        if _nobody_left(after.statement.actor):
            found.groups.add(UUID(bytes=state.learner))

    def _touch(self, cursor: Cursor[TupleRow], found: Found, aims: Collection[UUID]) -> None:
        """Add whose statements point at theirs, and whose theirs point at."""
        positions: set[int] = set()
        for some in batched([one.id for one in found.own], _PAGE):
            terms = (UUID(bytes=self._keyring.term(CONTEXT_STATEMENT, str(id_))) for id_ in some)
            named = {"ids": sql.uuids(some), "terms": sql.uuids(terms)}
            positions.update(position for (position,) in cursor.execute(_queries.pointing_at, named))
        for some in batched(list(aims), _PAGE):
            rows = cursor.execute(_queries.positions_of, {"ids": sql.uuids(some)})
            positions.update(position for (position,) in rows)
        positions -= {one.position for one in found.own} | {one.position for one in found.mentioning}
        for sealed in self._sealed(cursor, positions):
            found.touched.update(key.learner for key in sealed.keys.values())


def _aims(statement: Statement) -> Iterator[UUID]:
    """Give the statements that a statement points at."""
    if (aim := target(statement)) is not None:
        yield UUID(aim)
    if statement.context and statement.context.statement:
        yield UUID(statement.context.statement.id)


def _nobody_left(actor: Actor) -> bool:
    """Tell whether an actor is an anonymous group all of whose members are forgotten."""
    members = actor.member
    if is_identified(actor) or not members:
        return False
    return all(member.account and member.account.home_page == FORGOTTEN for member in members)
