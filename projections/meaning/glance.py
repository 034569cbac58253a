"""A cheap look at a statement before anything is classified: what it voids and what it points at."""

from typing import NamedTuple
from uuid import UUID

from projections.meaning.act import refers
from projections.meaning.statement import decode
from schemas.message import Message

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
_REFERENCE = b'"StatementRef"'


class Glance(NamedTuple):
    """What a statement does to others."""

    voids: UUID | None = None
    """The statement it voids, if that isn't voiding itself."""
    refers: tuple[UUID, ...] = ()
    """Statements it points at, ``voids`` included: by a StatementRef as object, by ``context.statement``."""


_NOTHING = Glance()


def glance(message: Message) -> Glance:
    """Look at a statement. Most point at no other, which the log's own spelling of JSON tells without decoding."""
    if _REFERENCE not in bytes(message.statement):
        return _NOTHING
    statement = decode(message.statement)
    targets = refers(statement)
    voids = statement.verb.id == VOIDED and statement.object.object_type == "StatementRef"
    return Glance(targets[0] if voids else None, targets)
