"""Gives the events of a store's log that others are told of, as messages: the only source of messages there is."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Raw, Struct, json, structs
from psycopg import Connection, Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.batched import batched
from lrs.log.event import timestamp
from lrs.log.personal_change import keys_of, opened
from lrs.log.reader import Reader, statement_text
from lrs.seal import Keyring, MasterKey, PersonKey
from lrs.statement import with_stored
from lrs.store_name import schema_of
from schemas.configuration_event import ORGANISATION_CHANGED, decode_configuration_event
from schemas.erasure import ERASURE_TOPICS, Erasure, decode_erased
from schemas.event import STATEMENT_RECORDED, StatementRecorded, decode_statement_recorded
from schemas.message import Kind, Message

_queries = sql.load(__package__, "messages.sql")
CONFIGURATION_TOPICS: Final[dict[str, Kind]] = {
    "organisation.changed": "organisation",
    "policy.changed": "policy",
    "vocabulary.changed": "vocabulary",
}
"""Topics of the events that decide what statements mean. Their state is JSON; ``change`` in it is JSON as text."""
TOPICS: Final = [STATEMENT_RECORDED, *CONFIGURATION_TOPICS, *ERASURE_TOPICS]
"""Topics of the events that are published."""
_MOST_BYTES: Final = 8 << 20
_PAGE: Final = 1_000
"""Statements, and learners, that are looked up at once."""


class _Event(Struct, frozen=True):
    """A published event as the log holds it; ``opened`` is the state of a statement's."""

    position: int
    id: UUID
    topic: str
    stored: datetime
    state: bytes
    previous: int
    opened: StatementRecorded | None
    salt: bytes | None


class MessageLog:
    """Reads one store's messages. Its methods run on a cursor whose search path is the store's schema.

    A statement whose actor was forgotten stays a message, without the statement: the chain of positions is whole. If it
    voided another, that stays void.
    """

    def __init__(self, connection: Connection[Any], store: str, master: MasterKey) -> None:
        """Get the store's keys over a connection, which isn't kept. Raises BadStoreName, WrongMasterKey."""
        self.store = store
        self.schema = schema_of(store)
        self._keyring = Keyring.open(connection, self.schema, master)
        self._reader = Reader(self._keyring)

    @property
    def keyring(self) -> Keyring:
        """The keys of the store's persons."""
        return self._keyring

    def head(self, cursor: Cursor[TupleRow]) -> int:
        """Give the position of the last message; 0 if there is none."""
        return int(sql.one(cursor.execute(_queries.head, {"topics": TOPICS}))[0])

    def position_at(self, cursor: Cursor[TupleRow], moment: datetime) -> int:
        """Give the last position (of any event) recorded at or before a moment; 0 if there is none."""
        return self._reader.position_at(cursor, moment)

    def holds(self, cursor: Cursor[TupleRow], message: Message) -> bool:
        """Tell whether the log has this message's event at its position: not so if it was put back from a backup."""
        row = sql.one(cursor.execute(_queries.holds, {"position": message.position, "id": message.id}))
        return bool(row[0])

    def after(self, cursor: Cursor[TupleRow], position: int, up_to: int, limit: int) -> list[Message]:
        """Give the next messages after a position, in order; none means that there are no more.

        They are fewer than ``limit`` if they are large: what is held in memory stays bounded.
        """
        parameters = {"position": position, "up_to": up_to, "limit": limit, "most_bytes": _MOST_BYTES}
        rows = cursor.execute(_queries.after, {"topics": TOPICS, **parameters}, binary=True).fetchall()
        events = []
        previous = (rows[0][5] or 0) if rows else 0
        for at, id_, topic, stored, state, _, salt in rows:
            events.append(_event(at, id_, topic, stored, state, previous, salt))
            previous = at
        return self._open(cursor, events)

    def of(self, cursor: Cursor[TupleRow], ids: Collection[UUID], up_to: int) -> list[Message]:
        """Give the statements with these ids that were recorded up to a position, in order."""
        rows = cursor.execute(_queries.positions_of, {"ids": list(ids), "up_to": up_to})
        return self._at(cursor, [position for (position,) in rows])

    def configuration(self, cursor: Cursor[TupleRow], up_to: int) -> list[Message]:
        """Give all changes of organisation, policy and vocabulary up to a position, in order."""
        rows = cursor.execute(_queries.configuration, {"up_to": up_to})
        return self._at(cursor, [position for (position,) in rows])

    def about(self, cursor: Cursor[TupleRow], learners: Collection[UUID], up_to: int) -> list[Message]:
        """Give all statements up to a position that can matter to these learners, in order.

        Those that mention them, voided ones too; those that point at these, as their object or context; those that
        any of them point at; and those that void any of them. There may be more than that.
        """
        found = {message.position: message for message in self._at(cursor, self._mentioning(cursor, learners, up_to))}

        def add(positions: Iterable[int]) -> None:
            missing = set(positions) - found.keys()
            found.update((message.position, message) for message in self._at(cursor, missing))

        pointing = self._pointing_at(cursor, [message.id for message in found.values()], up_to)
        add(position for _, _, position in pointing)
        aims = {aim for message in found.values() for aim in pointed_at(message)}
        aims -= {message.id for message in found.values()}
        add(position for (position,) in cursor.execute(_queries.positions_of, {"ids": list(aims), "up_to": up_to}))
        ids = [message.id for message in found.values()]
        add(position for (position,) in cursor.execute(_queries.voiding, {"ids": ids, "up_to": up_to}))
        return [found[position] for position in sorted(found)]

    def touching(self, cursor: Cursor[TupleRow], learners: Collection[UUID], up_to: int) -> Iterator[list[Message]]:
        """Give all statements up to a position that mention these learners, or that point at one that does.

        Each comes once, voided or not, in order, in pages that fit in memory; the cursor may be used between pages.
        """
        own: set[int] = set()
        for some in batched(learners, _PAGE):
            own |= self._mentioning(cursor, some, up_to)
        entries = self._entries(cursor, own)
        pointing: set[int] = set()
        for ids in batched([id_ for _, id_, _ in entries], _PAGE):
            pointing |= self._pointing_positions(cursor, ids, up_to)
        yield from self._pages(cursor, entries + self._entries(cursor, pointing - own))

    def history(self, cursor: Cursor[TupleRow], learners: Collection[UUID], up_to: int) -> Iterator[list[Message]]:
        """Give what ``touching`` does, and what voids any of that: all that ever changed what is said of learners.

        Only what these statements point at may be missing.
        """
        own: set[int] = set()
        for some in batched(learners, _PAGE):
            own |= self._mentioning(cursor, some, up_to)
        entries = {entry[0]: entry for entry in self._entries(cursor, own)}
        for follow in (self._pointing_positions, self._voiding_positions):
            found: set[int] = set()
            for ids in batched([id_ for _, id_, _ in entries.values()], _PAGE):
                found |= follow(cursor, ids, up_to)
            entries |= {entry[0]: entry for entry in self._entries(cursor, found - entries.keys())}
        yield from self._pages(cursor, entries.values())

    def _pages(self, cursor: Cursor[TupleRow], entries: Iterable[TupleRow]) -> Iterator[list[Message]]:
        """Give the statements of entries in order, in pages that fit in memory."""
        page: list[int] = []
        page_bytes = 0
        for position, _, size in sorted(entries):
            if page and (len(page) == _PAGE or page_bytes + size > _MOST_BYTES):
                yield self._at(cursor, page)
                page, page_bytes = [], 0
            page.append(position)
            page_bytes += size
        if page:
            yield self._at(cursor, page)

    def voiding(self, cursor: Cursor[TupleRow], ids: Collection[UUID], up_to: int) -> list[Message]:
        """Give the statements up to a position that void any of these, in order."""
        return self._at(cursor, self._voiding_positions(cursor, ids, up_to))

    def referrers(self, cursor: Cursor[TupleRow], ids: Collection[UUID], up_to: int) -> dict[UUID, list[UUID]]:
        """Give for each of these ids that has any: the statements up to a position that point at it, in order.

        As their object or as their context; voided ones too.
        """
        found: dict[UUID, list[UUID]] = {}
        for aim, id_, _ in self._pointing_at(cursor, ids, up_to):
            found.setdefault(aim, []).append(id_)
        return found

    def _mentioning(self, cursor: Cursor[TupleRow], learners: Collection[UUID], up_to: int) -> set[int]:
        digests = [digest for (digest,) in cursor.execute(_queries.learner_digests, {"learners": list(learners)})]
        terms = [
            UUID(bytes=self._keyring.person_term(kind, digest))
            for digest in digests
            for kind in ("agent", "related agent")
        ]
        return {position for (position,) in cursor.execute(_queries.found_by, {"terms": terms, "up_to": up_to})}

    def _entries(self, cursor: Cursor[TupleRow], positions: Collection[int]) -> list[TupleRow]:
        return [
            entry
            for some in batched(positions, _PAGE)
            for entry in cursor.execute(_queries.entries, {"positions": some}).fetchall()
        ]

    def _pointing_at(self, cursor: Cursor[TupleRow], ids: Collection[UUID], up_to: int) -> list[TupleRow]:
        terms = [UUID(bytes=self._keyring.term("context statement", str(id_))) for id_ in ids]
        return cursor.execute(_queries.referrers, {"ids": list(ids), "terms": terms, "up_to": up_to}).fetchall()

    def _pointing_positions(self, cursor: Cursor[TupleRow], ids: Collection[UUID], up_to: int) -> set[int]:
        return {position for _, _, position in self._pointing_at(cursor, ids, up_to)}

    def _voiding_positions(self, cursor: Cursor[TupleRow], ids: Collection[UUID], up_to: int) -> set[int]:
        return {position for (position,) in cursor.execute(_queries.voiding, {"ids": list(ids), "up_to": up_to})}

    def _at(self, cursor: Cursor[TupleRow], positions: Collection[int]) -> list[Message]:
        if not positions:
            return []
        rows = cursor.execute(_queries.at, {"positions": list(positions), "topics": TOPICS}, binary=True)
        return self._open(
            cursor,
            [
                _event(at, id_, topic, stored, state, before or 0, salt)
                for at, id_, topic, stored, state, before, salt in rows
            ],
        )

    def _open(self, cursor: Cursor[TupleRow], events: list[_Event]) -> list[Message]:
        key_ids: set[bytes] = set()
        for event in events:
            if event.opened is not None:
                key_ids.add(event.opened.text.key)
                key_ids.update([part.key for part in event.opened.mentions])
        keys = {}
        if key_ids:
            found = self._keyring.by_id(cursor, [UUID(bytes=key_id) for key_id in key_ids])
            keys = {key_id.bytes: key for key_id, key in found.items()}
        voided = self._voided(cursor, events, keys)
        changes = self._changes(cursor, events)
        return [
            _statement(self.store, event, event.opened, keys, voided.get(event.position))
            if event.opened is not None
            else _erasure(self.store, event)
            if event.topic in ERASURE_TOPICS
            else _change(self.store, event, changes.get(event.position))
            for event in events
        ]

    @staticmethod
    def _voided(cursor: Cursor[TupleRow], events: list[_Event], keys: Mapping[bytes, PersonKey]) -> dict[int, UUID]:
        """Give what those of the statements that can't be read any more voided, by their positions."""
        unreadable = [
            event.position
            for event in events
            if event.opened and (event.opened.text.key not in keys or (event.opened.salted and event.salt is None))
        ]
        if not unreadable:
            return {}
        return dict(cursor.execute(_queries.still_voided, {"positions": unreadable}).fetchall())

    def _changes(self, cursor: Cursor[TupleRow], events: list[_Event]) -> dict[int, bytes]:
        """Give the changes of the organisation that have parts of single persons, opened, by their positions."""
        found = {
            event.position: decode_configuration_event(event.state)
            for event in events
            if event.topic == ORGANISATION_CHANGED
        }
        key_ids = set().union(*map(keys_of, found.values()))
        if not key_ids:
            return {}
        keys = self._keyring.by_id(cursor, key_ids)
        return {position: json.encode(opened(change, keys)) for position, change in found.items()}

    def last_erasure(self, cursor: Cursor[TupleRow]) -> int:
        """Give the position of the last erasure; 0 if there is none."""
        return int(sql.one(cursor.execute(_queries.last_erasure))[0])


def pointed_at(message: Message) -> list[UUID]:
    """Give the statements that a message's statement points at: as its object, as its context."""
    if _REFERENCE not in bytes(message.statement):
        return []
    read = _decode_pointing(message.statement)
    aims = [read.object.id] if read.object.object_type == "StatementRef" else []
    if read.context is not None and read.context.statement is not None:
        aims.append(read.context.statement.id)
    return [UUID(aim) for aim in aims]


_REFERENCE: Final = b'"StatementRef"'


class _Object(Struct, rename="camel"):
    object_type: str = ""
    id: str = ""


class _Context(Struct):
    statement: _Object | None = None


class _Pointing(Struct):
    object: _Object
    context: _Context | None = None


class _Configuration(Struct):
    change: str


_decode_pointing = json.Decoder(_Pointing).decode
_decode_configuration = json.Decoder(_Configuration).decode


def _event(
    position: int, id_: UUID, topic: str, stored: datetime, state: bytes, previous: int, salt: bytes | None
) -> _Event:
    opened = decode_statement_recorded(state) if topic == STATEMENT_RECORDED else None
    return _Event(position, id_, topic, stored, state, previous, opened, salt)


def _change(store: str, event: _Event, opened_change: bytes | None) -> Message:
    change = _decode_configuration(event.state).change.encode() if opened_change is None else opened_change
    return Message(
        store=store,
        position=event.position,
        previous=event.previous,
        stored=event.stored.astimezone(UTC),
        kind=CONFIGURATION_TOPICS[event.topic],
        id=event.id,
        change=Raw(change),
    )


def _erasure(store: str, event: _Event) -> Message:
    erased = decode_erased(event.state)
    learners = tuple(UUID(bytes=learner) for learner in erased.learners)
    touched = (UUID(bytes=learner) for learner in erased.touched)
    return Message(
        store=store,
        position=event.position,
        previous=event.previous,
        stored=event.stored.astimezone(UTC),
        kind="erasure",
        id=event.id,
        people=(*learners, *touched),
        change=Raw(json.encode(Erasure(learners, len(erased.statements)))),
    )


def _statement(
    store: str, event: _Event, state: StatementRecorded, keys: dict[bytes, PersonKey], voided: UUID | None
) -> Message:
    stored = event.stored.astimezone(UTC)
    learner = UUID(bytes=state.learner)
    text = statement_text(event.id, state, keys, event.salt)
    people = [keys[part.key].learner for part in state.mentions if part.key in keys] if state.mentions else []
    return Message(
        store=store,
        position=event.position,
        previous=event.previous,
        stored=stored,
        kind="statement",
        id=event.id,
        learner=learner,
        people=tuple(dict.fromkeys(other for other in people if other != learner)),
        # Only the very default is left out of the JSON, not what equals it.
        statement=_NOTHING if text is None else Raw(with_stored(text, timestamp(stored))),
        voids=voided if text is None else None,
    )


_NOTHING: Final[Raw] = next(field.default for field in structs.fields(Message) if field.name == "statement")
