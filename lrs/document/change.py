"""Changes of documents: what they leave in the log and in the table, in one transaction."""

from collections.abc import Sequence
from typing import NamedTuple
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

_queries = sql.load(__package__)


class Change(NamedTuple):
    """One document's change."""

    event: NewEvent
    row: Row | None
    """What the document becomes; None: it goes."""


def make(cursor: Cursor[TupleRow], changes: Sequence[Change]) -> list[NewEvent]:
    """Make changes in the table, under the store's lock; gives the events to append."""
    gone = [change.event.originator_id for change in changes if change.row is None]
    if gone:
        cursor.execute(_queries.delete, {"documents": gone})
    for change in changes:
        if change.row is not None:
            # As bytes: a cursor that writes its parameters into the statement takes seconds over megabytes of digits.
            cursor.connection.execute(_queries.put, structs.asdict(change.row))
    return [change.event for change in changes]


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
