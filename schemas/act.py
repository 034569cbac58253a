"""A learning act: what a statement means for learning."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class ActKind(StrEnum):
    """What was done, whatever verb a tool has for it. Which verbs mean what is data: ``projections/meaning``."""

    ASSIGNED = "assigned"
    PLANNED = "planned"
    STARTED = "started"
    PROGRESSED = "progressed"
    COMPLETED = "completed"
    PASSED = "passed"
    FAILED = "failed"
    RETRIED = "retried"
    PRACTISED = "practised"
    APPLIED = "applied"
    REFLECTED = "reflected"
    SHARED = "shared"
    CHECKED_IN = "checked in"
    COACHED = "coached"
    RATED = "rated"
    LIKED = "liked"
    ASKED = "asked"
    WAIVED = "waived"
    SET_GOAL = "set goal"
    REACHED_GOAL = "reached goal"
    ABANDONED = "abandoned"
    UNKNOWN = "unknown"
    """Its verb has no meaning in the store's vocabulary: no learning act. Only ``unknown_verbs`` looks at these, so
    that someone can map them; every other fold and policy must ignore them ("any act" never means this one)."""


class Source(StrEnum):
    """Where learning happened."""

    COURSE = "course"
    ON_THE_JOB = "on the job"
    COLLEAGUES = "colleagues"
    MICRO = "micro"
    UNKNOWN = "unknown"


class LearningAct(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One statement, as far as it is a learning act. Persons are learners' ids, after linking."""

    statement: UUID
    position: int
    at: datetime
    """When it happened: the statement's own timestamp, in UTC; within 1900…2999, whatever a sender's clock says."""
    stored: datetime
    """When we knew."""
    kind: ActKind
    verb: str = ""
    """IRI of the statement's verb."""
    actor: UUID
    concerns: tuple[UUID, ...] = ()
    """Whom else it is about: a check-in concerns the one checked in with; without the actor, sorted."""
    activity: str = ""
    """IRI of the object, if it is an activity; of a SubStatement's object otherwise; empty if there is none."""
    activity_type: str = ""
    """IRI of the object's type, if the statement gives one."""
    within: tuple[str, ...] = ()
    """IRIs of its context activities (parent, then grouping, category, other), in their order, each once; without the
    activity itself, which some tools name as its own parent."""
    registration: UUID | None = None
    refers: tuple[UUID, ...] = ()
    """Statements it points at: by a StatementRef as object, by ``context.statement``."""
    follows: str = ""
    """IRI of the training that our extension ``follows`` names."""
    seconds: float | None = None
    """``result.duration``."""
    success: bool | None = None
    completion: bool | None = None
    score: float | None = None
    """``result.score.scaled``, or raw between min and max brought to 0…1."""
    visible: bool = False
    """Whether others could see it: shared, or marked so by our extension ``audience``."""
    source: Source = Source.UNKNOWN
