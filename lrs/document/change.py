"""Changes of documents: what they leave in the log and in the table, in one transaction."""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from msgspec import structs
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.document.row import Row
from lrs.log.event import NewEvent
from lrs.seal import PersonKey
from schemas.document_event import (
    DOCUMENT_CHANGED,
    DOCUMENT_DELETED,
    DocumentChanged,
    DocumentDeleted,
    DocumentEvent,
    encode_document_event,
    encode_what,
)
from schemas.event import SealedPart

T = TypeVar("T")
_queries = sql.load(__package__)


class Change(NamedTuple):
    """One document's change."""

    event: NewEvent
    row: Row | None
    """What the document becomes; None: it goes."""


class Deciding(Generic[T]):
    """The job that decides on changes, under the store's lock, and makes them.

    It may be performed twice, when a connection breaks and nobody knows whether the commit was done. The second time,
    what the first one made is not made again, nor held against itself by an If-Match.
    """

    def __init__(self, decide: Callable[[Cursor[TupleRow]], tuple[Sequence[Change], T]]) -> None:
        self._decide = decide
        self._made: tuple[list[NewEvent], T] | None = None

    def __call__(self, cursor: Cursor[TupleRow]) -> tuple[list[NewEvent], T]:
        """Perform it."""
        if self._made is not None and _are_recorded(cursor, self._made[0]):
            return [], self._made[1]
        changes, outcome = self._decide(cursor)
        gone = [change.event.originator_id for change in changes if change.row is None]
        if gone:
            cursor.execute(_queries.delete, {"documents": gone})
        for change in changes:
            if change.row is not None:
                cursor.execute(_queries.put, structs.asdict(change.row))
        self._made = [change.event for change in changes], outcome
        return self._made


def event_context(document: UUID, version: int) -> bytes:
    """Give what the sealed part of an event is bound to."""
    return document.bytes + version.to_bytes(8)


def new_event(document: UUID, seen: int, what: DocumentChanged | DocumentDeleted, person: PersonKey | None) -> NewEvent:
    """Give the event after version ``seen`` of a document."""
    version = seen + 1
    text = encode_what(what)
    if person is None:
        state = DocumentEvent(None, text)
    else:
        sealed = person.seal(text, event_context(document, version))
        state = DocumentEvent(person.learner.bytes, SealedPart(person.id.bytes, sealed))
    topic = DOCUMENT_CHANGED if isinstance(what, DocumentChanged) else DOCUMENT_DELETED
    return NewEvent(document, version, topic, encode_document_event(state))


def _are_recorded(cursor: Cursor[TupleRow], events: list[NewEvent]) -> bool:
    parameters = {
        "originators": [event.originator_id for event in events],
        "versions": [event.originator_version for event in events],
    }
    recorded = {bytes(state) for (state,) in cursor.execute(_queries.recorded, parameters)}
    return recorded == {event.state for event in events}
