"""What one event of the log did to a person's rows, and under what."""

from typing import NamedTuple
from uuid import UUID

from projections.replay.fold import Broken
from projections.replay.row_change import RowChange
from schemas.act import LearningAct
from schemas.message import Message
from schemas.organisation import Management, Membership, Person
from schemas.vocabulary import VerbMeaning


class Under(NamedTuple):
    """Which configuration was in force: the position of the last event of each kind; 0: as shipped."""

    organisation: int
    policy: int
    vocabulary: int


class LeftOut(NamedTuple):
    """Somebody a projection can't say anything about from here on, and why."""

    projection: str
    person: UUID
    broken: Broken


class Known(NamedTuple):
    """What the organisation knows of somebody."""

    person: Person | None
    memberships: tuple[Membership, ...]
    managements: tuple[Management, ...]


class Step(NamedTuple):
    """An event and what it did."""

    message: Message
    under: Under
    """What was in force, this event included."""
    act: LearningAct | None
    """What a statement was taken to mean; None: no learning act."""
    entry: VerbMeaning | None
    """The entry of the vocabulary by which."""
    error: str
    """What broke its classification; empty: nothing did."""
    voids: UUID | None
    refers: tuple[UUID, ...]
    """Statements it points at."""
    referred_by: tuple[UUID, ...]
    """Earlier statements that pointed at it and mean something else now that it is known."""
    voided: bool
    """Whether what voids it was there before it."""
    late: bool
    """Whether something that happened later was known already."""
    counts: bool
    """Whether it was folded into what is known of the person."""
    known: tuple[Known, Known]
    """What the organisation knew of the person, before and after."""
    changes: tuple[RowChange, ...]
    left_out: tuple[LeftOut, ...]
