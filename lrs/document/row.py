"""A document as the table keeps it: what belongs to a person is sealed under that person's key."""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.document.document import Content, Document
from lrs.document.place import Key
from lrs.seal import PersonKey

_queries = sql.load(__package__)


class Row(Struct, frozen=True, kw_only=True):
    """One row of the table, but for when it was written."""

    document: UUID
    context: UUID
    registration: UUID | None
    learner: UUID | None
    key_id: UUID | None
    name: bytes
    content_type: str
    content: bytes


class Kept(NamedTuple):
    """What table and log say of a document, still sealed."""

    seen: int
    """Version of its last event; 0 if there never was one."""
    key_id: UUID | None
    content_type: str | None
    content: bytes | None
    """None if there is no document."""
    updated: datetime
    key_exists: bool
    """Whether the key that was asked for is there."""

    def open(self, document: UUID, person: PersonKey | None) -> Document | None:
        """Give the document. Without its person, who was forgotten, nobody can open it: then there is none."""
        if self.content is None or self.content_type is None or (self.key_id is not None and person is None):
            return None
        data = person.unseal(self.content, content_of(document)) if person else self.content
        return Document(Content(data, self.content_type), self.updated.astimezone(UTC))


class KeptName(NamedTuple):
    """What the table says of a document in a list, still sealed."""

    document: UUID
    registration: UUID | None
    key_id: UUID | None
    name: bytes
    updated: datetime
    seen: int

    def open(self, person: PersonKey | None) -> str | None:
        """Give the document's stateId or profileId; None if its person was forgotten."""
        if self.key_id is not None and person is None:
            return None
        return (person.unseal(self.name, name_of(self.document)) if person else self.name).decode()


def row(key: Key, content: Content, person: PersonKey | None, *, document: UUID, context: UUID) -> Row:
    """Give the row of a document with this content; ``person`` is whose it is, None for an activity's."""
    name = key.id.encode()
    return Row(
        document=document,
        context=context,
        registration=key.place.registration,
        learner=person.learner if person else None,
        key_id=person.id if person else None,
        name=person.seal(name, name_of(document)) if person else name,
        content_type=content.content_type,
        content=person.seal(content.data, content_of(document)) if person else content.data,
    )


def kept(cursor: Cursor[TupleRow], document: UUID, key_id: UUID | None = None, *, binary: bool | None = None) -> Kept:
    """Read one document, and whether a key is there."""
    parameters = {"document": document, "key_id": key_id}
    return Kept(*sql.one(cursor.execute(_queries.current, parameters, binary=binary)))


def kept_names(
    cursor: Cursor[TupleRow], context: UUID, registration: UUID | None, since: datetime | None = None
) -> list[KeptName]:
    """Read the list of the documents in a context."""
    parameters = {"context": context, "registration": registration, "since": since}
    return [KeptName(*found) for found in cursor.execute(_queries.listed, parameters)]


def name_of(document: UUID) -> bytes:
    """Give what the sealed name of a document is bound to."""
    return document.bytes + b"name"


def content_of(document: UUID) -> bytes:
    """Give what the sealed content of a document is bound to."""
    return document.bytes + b"content"
