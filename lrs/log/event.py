"""Events before and after they are recorded."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NewEvent(Struct, frozen=True):
    """An event to append."""

    originator_id: UUID
    originator_version: int
    topic: str
    state: bytes


class RecordedEvent(NamedTuple):
    """The first event of an originator, as the log holds it."""

    originator_id: UUID
    topic: str
    position: int
    stored: datetime
    state: bytes
    salt: bytes | None
    """Of a statement, if it has one; see ``lrs.log.salt``."""


def moment(microseconds: int) -> datetime:
    """Give the moment that lies this many microseconds after 1970-01-01T00:00Z."""
    return _EPOCH + timedelta(microseconds=microseconds)
