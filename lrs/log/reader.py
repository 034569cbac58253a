"""Reads statements back from the log and opens their seals."""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import starmap
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import json
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.log.event import RecordedEvent
from lrs.log.lock import lock_of
from lrs.seal import Keyring, PersonKey
from lrs.statement import join
from schemas.event import STATEMENT_RECORDED, StatementRecorded, decode_statement_recorded

_queries = sql.load(__package__)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
FORGOTTEN = "urn:vliegwiel:forgotten"
"""Home page of the account that stands where a forgotten person was mentioned; its name is the destroyed key's id."""


class LoggedStatement(NamedTuple):
    """A statement as the log holds it, opened; ``text`` is its JSON without ``stored``."""

    position: int
    id: UUID
    stored: datetime
    text: bytes
    defines: bool


def seal_context(statement_id: UUID, part: int) -> bytes:
    """Give what a sealed part is bound to: its statement and its place (0 the text, 1… the mentions)."""
    return statement_id.bytes + part.to_bytes(4)


class Reader:
    """Opens events with the keys of their persons; statements that can't be read any more are left out.

    Those are the ones whose person was forgotten, or whose salt was deleted.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def open(self, cursor: Cursor[TupleRow], events: Iterable[RecordedEvent]) -> list[LoggedStatement]:
        """Open the statements among these events, in their order."""
        decoded = [
            (event, decode_statement_recorded(event.state)) for event in events if event.topic == STATEMENT_RECORDED
        ]
        key_ids = {part.key for _, state in decoded for part in (state.text, *state.mentions)}
        if not key_ids:
            return []
        keys = self._keyring.by_id(cursor, [UUID(bytes=key_id) for key_id in key_ids])
        by_bytes = {key_id.bytes: key for key_id, key in keys.items()}
        return [
            LoggedStatement(event.position, event.originator_id, event.stored, text, state.defines)
            for event, state in decoded
            if (text := statement_text(event.originator_id, state, by_bytes, event.salt)) is not None
        ]

    def of(self, cursor: Cursor[TupleRow], ids: Collection[UUID], up_to: int) -> list[LoggedStatement]:
        """Give the statements with these ids that were recorded at or before a position."""
        return self.open(cursor, self._select(cursor, _queries.events_of, ids=sql.uuids(ids), up_to=up_to))

    def at(
        self, cursor: Cursor[TupleRow], positions: Collection[int], *, ascending: bool, most_bytes: int
    ) -> list[RecordedEvent]:
        """Give the events at these positions, sealed, in order; the last one may exceed the bytes."""
        query = _queries.events_at_ascending if ascending else _queries.events_at
        return list(self._select(cursor, query, positions=sql.numbers(positions), most_bytes=most_bytes))

    def after(self, cursor: Cursor[TupleRow], position: int, up_to: int, limit: int) -> list[RecordedEvent]:
        """Give the next recorded statements after a position, still sealed, in order."""
        return list(self._select(cursor, _queries.events_after, position=position, up_to=up_to, limit=limit))

    def position_at(self, cursor: Cursor[TupleRow], moment: datetime) -> int:
        """Give the last position recorded at or before a moment; 0 if there is none."""
        row = sql.one(cursor.execute(_queries.position_at, {"moment": moment}))
        return int(row[0])

    def consistent_through(self, cursor: Cursor[TupleRow], schema: str) -> datetime:
        """Give the moment up to which all that was stored can be read by the statements that follow."""
        row = sql.one(cursor.execute(_queries.consistent_through, {"lock": lock_of(schema)}))
        return row[0] or _NEVER

    def head(self, cursor: Cursor[TupleRow]) -> int:
        """Give the position of the last event; 0 if there is none."""
        row = sql.one(cursor.execute(_queries.head))
        return int(row[0])

    def _select(self, cursor: Cursor[TupleRow], query: Any, **params: object) -> Iterator[RecordedEvent]:
        rows = cursor.execute(query, {"topic": STATEMENT_RECORDED, **params}).fetchall()
        return starmap(RecordedEvent, rows)


def is_readable(state: StatementRecorded, keys: Container[bytes], salt: bytes | None) -> bool:
    """Tell whether a statement can be opened: its actor wasn't forgotten, nor its salt deleted."""
    return state.text.key in keys and (salt is not None or not state.salted)


def statement_text(
    statement_id: UUID, state: StatementRecorded, keys: Mapping[bytes, PersonKey], salt: bytes | None
) -> bytes | None:
    """Open a statement with its salt and the keys of its persons, by id.

    None if its actor was forgotten or its salt was deleted.
    """
    if not is_readable(state, keys, salt):
        return None
    if not state.salted:
        salt = None
    text = keys[state.text.key].unseal(state.text.sealed, seal_context(statement_id, 0), salt)
    if not state.mentions:
        return text
    mentions = []
    for part, mention in enumerate(state.mentions, start=1):
        mention_key = keys.get(mention.key)
        if mention_key is None:
            mentions.append(forgotten(mention.key))
        else:
            mentions.append(mention_key.unseal(mention.sealed, seal_context(statement_id, part), salt))
    return join(text, mentions)


def forgotten(key_id: bytes) -> bytes:
    """Give what stands where somebody was mentioned whose key isn't there."""
    account = {"homePage": FORGOTTEN, "name": str(UUID(bytes=key_id))}
    return json.encode({"objectType": "Agent", "account": account})
