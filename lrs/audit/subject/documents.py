"""Documents about a person: State and Agent Profile."""

from base64 import b64encode
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Raw, Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.document.change import event_context
from lrs.document.row import content_of
from lrs.seal import Keyring, PersonKey
from schemas.document_event import DocumentChanged, decode_changed, decode_document_event
from schemas.event import SealedPart

_queries = sql.load(__package__)


class KeptDocument(Struct, frozen=True, kw_only=True):
    """A document as it is now."""

    resource: str
    id: str
    activity: str | None
    registration: UUID | None
    content_type: str
    updated: datetime
    size: Annotated[int, Meta(description="Bytes")]
    content: Annotated[Raw | str, Meta(description="JSON as it is, other text as text, anything else in base64")]


def documents_of(cursor: Cursor[TupleRow], keyring: Keyring, learners: Collection[UUID]) -> list[KeptDocument]:
    """Give the documents of these learners, oldest first."""
    rows = cursor.execute(_queries.documents, {"learners": list(learners)}).fetchall()
    keys = keyring.by_id(cursor, {row[1] for row in rows})
    found = []
    for document, key_id, _, content_type, content, updated, version, state in rows:
        if (key := keys.get(key_id)) is None or (said := _said(cursor, keyring, document, version, state)) is None:
            continue
        data = key.unseal(bytes(content), content_of(document))
        found.append(
            KeptDocument(
                resource=said.resource,
                id=said.id,
                activity=said.activity,
                registration=said.registration,
                content_type=content_type,
                updated=updated.astimezone(UTC),
                size=len(data),
                content=_readable(data, content_type),
            )
        )
    return found


def _said(
    cursor: Cursor[TupleRow], keyring: Keyring, document: UUID, version: int, state: bytes
) -> DocumentChanged | None:
    """Give what the log says of a document: what it is of."""
    what = decode_document_event(bytes(state)).what
    if not isinstance(what, SealedPart):
        return decode_changed(what)
    id_ = UUID(bytes=what.key)
    key: PersonKey | None = keyring.by_id(cursor, [id_]).get(id_)
    return None if key is None else decode_changed(key.unseal(what.sealed, event_context(document, version)))


def _readable(data: bytes, content_type: str) -> Any:
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            msgspec.json.decode(data)
            return Raw(data)
        if kind.startswith("text/"):
            return data.decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    return b64encode(data).decode()
