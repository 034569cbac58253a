"""What is remembered of a learner for follow-up: every act that can open a plan or be evidence in one.

The policy isn't known here, so which activities are trainings and which kinds are evidence can't be decided yet: all
of the learner's own acts that point at something are kept, and those acts of others that are done for somebody.
The cost is about 85 bytes an act (a completion: 85 and its IRIs), 90 KB for a learner with 1,000 acts, and a
memcpy of as many pointers for each further act. IRIs are only ever compared, but for a training's own, so eight
bytes of their digest do.
"""

from bisect import bisect_left
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

from msgspec import Struct

from schemas.act import ActKind, LearningAct

STEP = "https://w3id.org/vliegwiel/xapi/steps/"
"""IRI of a step: this and its name. A waiver that names steps, as object or context activity, waives these alone."""

COMPLETING = (ActKind.COMPLETED, ActKind.PASSED)

# What one can do for somebody else. Acts of others that are about their own learning are never evidence of the
# learner's; without this the state of an instructor would grow with every statement of every class.
_FOR_OTHERS = frozenset({
    ActKind.ASSIGNED,
    ActKind.REFLECTED,
    ActKind.SHARED,
    ActKind.CHECKED_IN,
    ActKind.COACHED,
    ActKind.RATED,
    ActKind.LIKED,
    ActKind.ASKED,
    ActKind.WAIVED,
})  # fmt: skip

# Clocks that are off by millennia: days around such a moment can't be reckoned with.
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2500, 1, 1, tzinfo=UTC)


class Act(Struct, array_like=True, frozen=True, gc=False):
    """An act, as far as follow-up needs it. Ids are the 16 bytes of a UUID, activities are digests of their IRIs."""

    at: datetime
    position: int
    statement: bytes
    kind: ActKind
    by: bytes | None
    """Who did it; None: the learner."""
    activity: int
    """0: none."""
    within: tuple[int, ...]
    registration: bytes | None
    refers: tuple[bytes, ...]
    follows: int
    """0: none."""
    training: str
    """Of a completion the activity's IRI, else empty."""
    type: str
    """Of a completion the activity's type, if it says one."""
    steps: tuple[str, ...]
    """Of a waiver the steps it names."""


class State(Struct, array_like=True, frozen=True):
    """A learner's acts in order of time, each once: the same acts make the same state, whatever way they came."""

    acts: tuple[Act, ...] = ()


def fold(state: State, learner: UUID, act: LearningAct, /) -> State:
    """Give the state with this act; the same state if the act is in it or can't matter."""
    if not _matters(learner, act):
        return state
    acts = state.acts
    key = (act.at, act.position)
    # Most acts come in order, so the end is looked at before the middle.
    place = len(acts) if not acts or _key(acts[-1]) < key else bisect_left(acts, key, key=_key)
    if place < len(acts) and acts[place].position == act.position:
        return state
    return State((*acts[:place], _kept(learner, act), *acts[place:]))


@lru_cache(maxsize=16_384)
def digest(iri: str) -> int:
    """Give 64 bits that stand for an IRI, never 0; one learner's activities are far too few for two to share them."""
    return int.from_bytes(blake2b(iri.encode(), digest_size=8).digest()) or 1


def _key(act: Act) -> tuple[datetime, int]:
    return act.at, act.position


def _matters(learner: UUID, act: LearningAct) -> bool:
    if not (act.activity or act.within or act.registration or act.refers or act.follows):
        return False
    counts = act.kind is not ActKind.UNKNOWN if act.actor == learner else act.kind in _FOR_OTHERS
    return counts and _FIRST <= act.at < _LAST


def _kept(learner: UUID, act: LearningAct) -> Act:
    completion = act.actor == learner and _completes(act)
    return Act(
        at=act.at,
        position=act.position,
        statement=act.statement.bytes,
        kind=act.kind,
        by=None if act.actor == learner else act.actor.bytes,
        activity=digest(act.activity) if act.activity else 0,
        within=tuple(digest(iri) for iri in act.within),
        registration=act.registration.bytes if act.registration else None,
        refers=tuple(id_.bytes for id_ in act.refers),
        follows=digest(act.follows) if act.follows else 0,
        training=act.activity if completion else "",
        type=act.activity_type if completion else "",
        steps=_named(act) if act.kind is ActKind.WAIVED else (),
    )


def _completes(act: LearningAct) -> bool:
    return act.kind in COMPLETING and act.success is not False and act.completion is not False


def _named(act: LearningAct) -> tuple[str, ...]:
    return tuple(iri.removeprefix(STEP) for iri in (act.activity, *act.within) if iri.startswith(STEP))
