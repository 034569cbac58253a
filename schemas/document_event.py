"""What the log holds of a document: that it changed, never what it says.

xAPI's documents (State, Agent Profile, Activity Profile) are scratch space: the current one stands in a table and is
overwritten. The log keeps who changed which document when (the event's ``stored``), and the size and SHA-256 of what it
became, so that a document someone shows later can be recognised.
"""

from typing import Literal
from uuid import UUID

from msgspec import Struct, json, msgpack

from schemas.event import SealedPart

DOCUMENT_CHANGED = "document.changed"
"""Topic of the event that records a new content; originator: the document, versions 1, 2, 3, …, deletions included."""
DOCUMENT_DELETED = "document.deleted"
"""Topic of the event that records a deletion."""

Resource = Literal["state", "agent_profile", "activity_profile"]
"""Which of xAPI's three document resources a document belongs to."""


class DocumentChanged(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A document has a new content."""

    resource: Resource
    id: str
    """The document's stateId or profileId."""
    activity: str | None = None
    agent: str | None = None
    """Identity of the person whose document it is."""
    registration: UUID | None = None
    by: str
    """Key of the credential it was changed with."""
    content_type: str
    size: int
    """Bytes of the content."""
    sha256: str
    """SHA-256 of the content, in hexadecimal digits."""


class DocumentDeleted(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A document is gone. Properties as in DocumentChanged."""

    resource: Resource
    id: str
    activity: str | None = None
    agent: str | None = None
    registration: UUID | None = None
    by: str


class DocumentEvent(Struct, array_like=True, frozen=True):
    """State of both events, written as a MessagePack array.

    New fields may only be added at the end, with a default.
    """

    learner: bytes | None
    """The learner whose document it is (16 bytes); None for an activity's."""
    what: SealedPart | bytes
    """JSON of DocumentChanged or DocumentDeleted: sealed whole under the person's key, since a document's id, size
    and hash may tell what it says; in clear for an activity's, which is no person's."""


encode_document_event = msgpack.Encoder().encode
decode_document_event = msgpack.Decoder(DocumentEvent).decode
encode_what = json.Encoder().encode
decode_changed = json.Decoder(DocumentChanged).decode
decode_deleted = json.Decoder(DocumentDeleted).decode
