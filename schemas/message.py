"""What the stream carries: one event of the log a message, in the log's order."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Raw, Struct, json

MESSAGE_VERSION = 1
CONFIGURATION = "configuration"
"""Last part of the subject of all messages that are no statement."""

Kind = Literal["statement", "organisation", "policy", "vocabulary", "erasure"]
"""Which events are published: statements, the configuration that decides what they mean, and what can't be read any
more: who was erased, which statements expired."""


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event as the stream and the log's reader give it. New fields may only be added, with a default."""

    version: int = MESSAGE_VERSION
    store: str
    position: int
    """Place in the store's log."""
    previous: int
    """Position of the message before this one in the same store; 0 for the first. Not always ``position`` - 1: other
    events (documents) aren't published."""
    stored: datetime
    kind: Kind
    id: UUID
    """Of the statement; of the aggregate otherwise."""
    learner: UUID | None = None
    """Whose statement it is."""
    people: tuple[UUID, ...] = ()
    """Learners of the other persons and groups mentioned in the statement, in their order, each once. Of an erasure:
    everybody who is to be worked out anew, the erased ones included."""
    statement: Raw = Raw()
    """The statement as stored (JSON), of kind ``statement``; empty if its actor was forgotten."""
    voids: UUID | None = None
    """What a statement that is empty now voided: that stays void."""
    change: Raw = Raw()
    """What changed (JSON of the change struct of ``schemas.organisation``, ``.policy`` or ``.vocabulary``, of
    ``schemas.erasure.Erasure`` for an erasure)."""


encode_message = json.Encoder().encode
decode_message = json.Decoder(Message).decode


def stream_name(store: str) -> str:
    """Give the name of a store's JetStream stream."""
    return f"lrs-{store}"


def subjects(store: str) -> str:
    """Give the subjects of a store's stream, for filters."""
    return f"lrs.{store}.>"


def subject(message: Message) -> str:
    """Give the subject a message goes out under: whose statement it is; ``configuration`` for all others."""
    return f"lrs.{message.store}.{message.learner or CONFIGURATION}"
