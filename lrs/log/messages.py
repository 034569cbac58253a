"""Gives the events of a store's log that others are told of, as messages: the only source of messages there is."""

from collections.abc import Collection, Container, Iterable, Iterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import json
from psycopg import Connection, Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.batched import batched
from lrs.log.personal_change import keys_of, opened
from lrs.log.pointing import pointed_at
from lrs.log.published import TOPICS, PublishedEvent, message_of, published
from lrs.log.reader import Reader, is_readable
from lrs.seal import Keyring, MasterKey
from lrs.seal.kinds import CONTEXT_STATEMENT, OF_PERSONS
from lrs.store_name import schema_of
from schemas.configuration_event import ORGANISATION_CHANGED, decode_configuration_event
from schemas.message import Message

_queries = sql.load(__package__, "messages.sql")
_MOST_BYTES: Final = 8 << 20
_PAGE: Final = 1_000
"""Statements, and learners, that are looked up at once."""


class MessageLog:
    """Reads one store's messages. Its methods run on a cursor whose search path is the store's schema.

    A statement whose actor was forgotten stays a message, without the statement: the chain of positions is whole. If it
    voided another, that stays void.
    """

    def __init__(self, connection: Connection[Any], store: str, master: MasterKey) -> None:
        """Get the store's keys over a connection, which isn't kept. Raises BadStoreName, WrongMasterKey."""
        self.store = store
        self.schema = schema_of(store)
        self.keyring = Keyring.open(connection, self.schema, master)
        """The keys of the store's persons."""
        self._reader = Reader(self.keyring)

    def head(self, cursor: Cursor[TupleRow]) -> int:
        """Give the position of the last message; 0 if there is none."""
        return int(sql.one(cursor.execute(_queries.head, {"topics": TOPICS}))[0])

    def last_erasure(self, cursor: Cursor[TupleRow]) -> int:
        """Give the position of the last erasure; 0 if there is none."""
        return int(sql.one(cursor.execute(_queries.last_erasure))[0])

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
            events.append(published(at, id_, topic, stored, state, previous, salt))
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
        terms = [UUID(bytes=self.keyring.person_term(kind, digest)) for digest in digests for kind in OF_PERSONS]
        return {position for (position,) in cursor.execute(_queries.found_by, {"terms": terms, "up_to": up_to})}

    def _entries(self, cursor: Cursor[TupleRow], positions: Collection[int]) -> list[TupleRow]:
        return [
            entry
            for some in batched(positions, _PAGE)
            for entry in cursor.execute(_queries.entries, {"positions": some}).fetchall()
        ]

    def _pointing_at(self, cursor: Cursor[TupleRow], ids: Collection[UUID], up_to: int) -> list[TupleRow]:
        terms = [UUID(bytes=self.keyring.term(CONTEXT_STATEMENT, str(id_))) for id_ in ids]
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
                published(at, id_, topic, stored, state, before or 0, salt)
                for at, id_, topic, stored, state, before, salt in rows
            ],
        )

    def _open(self, cursor: Cursor[TupleRow], events: list[PublishedEvent]) -> list[Message]:
        key_ids: set[bytes] = set()
        for event in events:
            if event.opened is not None:
                key_ids.add(event.opened.text.key)
                key_ids.update([part.key for part in event.opened.mentions])
        keys = {}
        if key_ids:
            found = self.keyring.by_id(cursor, [UUID(bytes=key_id) for key_id in key_ids])
            keys = {key_id.bytes: key for key_id, key in found.items()}
        voided = self._voided(cursor, events, keys)
        changes = self._changes(cursor, events)
        return [
            message_of(self.store, event, keys, voided.get(event.position), changes.get(event.position))
            for event in events
        ]

    @staticmethod
    def _voided(cursor: Cursor[TupleRow], events: list[PublishedEvent], keys: Container[bytes]) -> dict[int, UUID]:
        """Give what those of the statements that can't be read any more voided, by their positions."""
        unreadable = [
            event.position
            for event in events
            if event.opened is not None and not is_readable(event.opened, keys, event.salt)
        ]
        if not unreadable:
            return {}
        return dict(cursor.execute(_queries.still_voided, {"positions": unreadable}).fetchall())

    def _changes(self, cursor: Cursor[TupleRow], events: list[PublishedEvent]) -> dict[int, bytes]:
        """Give the changes of the organisation that have parts of single persons, opened, by their positions."""
        found = {
            event.position: decode_configuration_event(event.state)
            for event in events
            if event.topic == ORGANISATION_CHANGED
        }
        key_ids = set().union(*map(keys_of, found.values()))
        if not key_ids:
            return {}
        keys = self.keyring.by_id(cursor, key_ids)
        return {position: json.encode(opened(change, keys)) for position, change in found.items()}
