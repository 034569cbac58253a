"""Compares the documents there are with their last events: the log holds what names each, its size and its SHA-256."""

from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from msgspec import MsgspecError
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.bundle.persons import Persons
from lrs.audit.bundle.problem import Say
from lrs.document.change import event_context
from lrs.document.place import Key, Place
from lrs.document.row import content_of, name_of
from lrs.seal import Keyring, PersonKey
from schemas.document_event import DOCUMENT_CHANGED, DocumentChanged, decode_changed, decode_document_event
from schemas.event import SealedPart

_queries = sql.load(__package__)


class _Document(NamedTuple):
    """The last event of a document, and its row; what isn't there is None."""

    id: UUID
    position: int | None
    version: int
    topic: str
    state: bytes
    kept: bool
    context: UUID
    registration: UUID | None
    learner: UUID | None
    key_id: UUID | None
    name: bytes
    content_type: str
    content: bytes


def compare(cursor: Cursor[TupleRow], keyring: Keyring, persons: Persons, say: Say) -> None:
    """Name every document that isn't as its last event has it."""
    with cursor.connection.cursor(name="documents") as rows:
        rows.itersize = 20  # contents may be large
        for row in rows.execute(_queries.documents):
            for column, what in _wrong(_Document._make(row), keyring, persons):
                say(f"document {row[0]}", f"documents.{column}: {what}")


def _wrong(one: _Document, keyring: Keyring, persons: Persons) -> Iterator[tuple[str, str]]:
    if one.position is None:
        yield "document", "no event in the log is of it"
        return
    where = f"position {one.position}"
    if one.topic != DOCUMENT_CHANGED:
        if one.kept:
            yield "document", f"it is there, though {where} says that it was deleted"
        return
    try:
        part, key = decode_document_event(one.state).what, None
        if isinstance(part, SealedPart):
            key = persons.key(part.key)
            if key is None:  # if it is gone for no reason, that is said of the event
                if one.kept:
                    yield "document", f"it is there, though whose it is ({where}) can't be read any more"
                return
            part = key.unseal(part.sealed, event_context(one.id, one.version))
        said = decode_changed(part)
    except (InvalidTag, ValueError, MsgspecError):
        return  # that the event isn't as it was is said of its position
    if not one.kept:
        yield "document", f"it is gone, and no event since {where} says so"
        return
    yield from _differing(one, said, key, keyring)


def _differing(
    one: _Document, said: DocumentChanged, key: PersonKey | None, keyring: Keyring
) -> Iterator[tuple[str, str]]:
    place = Place(resource=said.resource, activity=said.activity, agent=said.agent, registration=said.registration)
    name, content = _opened(key, one.name, name_of(one.id)), _opened(key, one.content, content_of(one.id))
    for column, found, expected in (
        ("document", one.id, keyring.digest("document", Key(place, said.id).text())),
        ("context", one.context, keyring.digest("documents", place.context())),
        ("registration", one.registration, said.registration),
        ("learner", one.learner, key.learner if key else None),
        ("key_id", one.key_id, key.id if key else None),
        ("name", name, said.id.encode()),
        ("content_type", one.content_type, said.content_type),
        ("content", None if content is None else (len(content), sha256(content).hexdigest()), (said.size, said.sha256)),
    ):
        if found != expected:
            yield column, f"it isn't what position {one.position} says"


def _opened(key: PersonKey | None, sealed: bytes, context: bytes) -> bytes | None:
    try:
        return sealed if key is None else key.unseal(sealed, context)
    except (InvalidTag, ValueError):
        return None
