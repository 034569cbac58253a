"""An event that others are told of, and the message that is made of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from msgspec import Raw, Struct, json, structs

from lrs.log.reader import statement_text
from lrs.seal import PersonKey
from lrs.statement import in_utc, with_stored
from schemas.configuration_event import (
    ORGANISATION_CHANGED,
    POLICY_CHANGED,
    VOCABULARY_CHANGED,
    decode_configuration_event,
)
from schemas.erasure import ERASURE_TOPICS, Erasure, decode_erased
from schemas.event import STATEMENT_RECORDED, StatementRecorded, decode_statement_recorded
from schemas.message import Kind, Message

CONFIGURATION_TOPICS: Final[dict[str, Kind]] = {
    ORGANISATION_CHANGED: "organisation",
    POLICY_CHANGED: "policy",
    VOCABULARY_CHANGED: "vocabulary",
}
"""Topics of the events that decide what statements mean. Their state is JSON; ``change`` in it is JSON as text."""
TOPICS: Final = [STATEMENT_RECORDED, *CONFIGURATION_TOPICS, *ERASURE_TOPICS]
"""Topics of the events that are published."""


class PublishedEvent(Struct, frozen=True):
    """A published event as the log holds it; ``opened`` is the state of a statement's."""

    position: int
    id: UUID
    topic: str
    stored: datetime
    state: bytes
    previous: int
    """Position of the published event before it; 0 if there is none."""
    opened: StatementRecorded | None
    salt: bytes | None


def published(
    position: int, id_: UUID, topic: str, stored: datetime, state: bytes, previous: int, salt: bytes | None
) -> PublishedEvent:
    """Give the event of a row of the log."""
    opened = decode_statement_recorded(state) if topic == STATEMENT_RECORDED else None
    return PublishedEvent(position, id_, topic, stored, state, previous, opened, salt)


def message_of(
    store: str, event: PublishedEvent, keys: Mapping[bytes, PersonKey], voided: UUID | None, change: bytes | None
) -> Message:
    """Make the message of an event.

    ``voided`` is what a statement voided that can't be read any more; ``change`` the JSON of a change of the
    organisation whose parts of single persons were opened, None if it has no such parts.
    """
    if event.opened is not None:
        return _statement(store, event, event.opened, keys, voided)
    return _erasure(store, event) if event.topic in ERASURE_TOPICS else _change(store, event, change)


def _change(store: str, event: PublishedEvent, opened_change: bytes | None) -> Message:
    change = decode_configuration_event(event.state).change.encode() if opened_change is None else opened_change
    return Message(
        store=store,
        position=event.position,
        previous=event.previous,
        stored=event.stored.astimezone(UTC),
        kind=CONFIGURATION_TOPICS[event.topic],
        id=event.id,
        change=Raw(change),
    )


def _erasure(store: str, event: PublishedEvent) -> Message:
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
    store: str, event: PublishedEvent, state: StatementRecorded, keys: Mapping[bytes, PersonKey], voided: UUID | None
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
        statement=_NOTHING if text is None else Raw(with_stored(text, in_utc(stored))),
        voids=voided if text is None else None,
    )


_NOTHING: Final[Raw] = next(field.default for field in structs.fields(Message) if field.name == "statement")
