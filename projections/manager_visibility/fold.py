"""What is known of a learner: their own acts, the trainings they completed, and their contacts with others.

Neither the policy is known here nor who manages whom: a manager's figures are made of the manager's own acts and of
what is known of their people, joined when reading. An act costs some 50 bytes and the activity's IRI.
"""

from bisect import bisect_left
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from msgspec import Struct

from schemas.act import ActKind, LearningAct

# Acts about somebody else. Other acts that mention people, as an instructor or a group, aren't contacts; with
# those an instructor's state would grow with every statement of every class.
_CONTACT = frozenset({
    ActKind.ASSIGNED,
    ActKind.REFLECTED,
    ActKind.SHARED,
    ActKind.CHECKED_IN,
    ActKind.COACHED,
    ActKind.RATED,
    ActKind.ASKED,
    ActKind.WAIVED,
})  # fmt: skip

# Clocks that are off by millennia: days around such a moment can't be reckoned with.
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2500, 1, 1, tzinfo=UTC)


class Kept(Struct, array_like=True, frozen=True, gc=False):
    """What is kept of an act. Ids are the 16 bytes of a UUID."""

    at: datetime
    position: int
    statement: bytes
    kind: ActKind


class Own(Kept, array_like=True, frozen=True, gc=False):
    """An act of the learner's own."""

    visible: bool
    """Whether its statement says that others could see it."""
    activity: str


class Completion(Kept, array_like=True, frozen=True, gc=False):
    """The learner completed an activity; whether that is a training is the policy's to say."""

    activity: str
    type: str
    whole: bool
    """Whether it was completed as a whole, not within another activity."""
    registration: bytes | None


class Contact(Kept, array_like=True, frozen=True, gc=False):
    """An act between the learner and others, with all that can tell which training it is about."""

    mine: bool
    """Whether the learner did it."""
    persons: tuple[bytes, ...]
    """The others: whom it concerns if the learner did it, otherwise who did it."""
    activity: str
    within: tuple[str, ...]
    registration: bytes | None
    refers: tuple[bytes, ...]
    follows: str


class State(Struct, array_like=True, frozen=True):
    """All in order of time, then of position, each once: the same acts make the same state, however they came."""

    own: tuple[Own, ...] = ()
    completions: tuple[Completion, ...] = ()
    contacts: tuple[Contact, ...] = ()
    known: datetime = _FIRST
    """When the latest of them was stored: who reads does so later."""


def fold(state: State, learner: UUID, act: LearningAct, /) -> State:
    """Give the state with this act, which the learner did or which concerns them."""
    if act.kind is ActKind.UNKNOWN or not _FIRST <= act.at < _LAST:
        return state
    own, completions, contacts = state.own, state.completions, state.contacts
    mine = act.actor == learner
    if mine:
        own = _with(own, Own(act.at, act.position, act.statement.bytes, act.kind, act.visible, act.activity))
        if _completes(act):
            completions = _with(completions, _completion(act))
    if act.kind in _CONTACT and act.concerns:
        contacts = _with(contacts, _contact(act, mine))
    return State(own, completions, contacts, max(state.known, act.stored))


T = TypeVar("T", bound=Kept)


def _with(items: tuple[T, ...], item: T) -> tuple[T, ...]:
    # Most acts come in the order they happened, so the end is looked at before the middle.
    if not items or _key(items[-1]) < _key(item):
        return (*items, item)
    place = bisect_left(items, _key(item), key=_key)
    if items[place].position == item.position:
        return items
    return (*items[:place], item, *items[place:])


def _key(item: Kept) -> tuple[datetime, int]:
    return item.at, item.position


def _completes(act: LearningAct) -> bool:
    completing = act.kind in (ActKind.COMPLETED, ActKind.PASSED) and act.activity
    return bool(completing) and act.success is not False and act.completion is not False


def _completion(act: LearningAct) -> Completion:
    return Completion(
        at=act.at,
        position=act.position,
        statement=act.statement.bytes,
        kind=act.kind,
        activity=act.activity,
        type=act.activity_type,
        whole=not act.within,
        registration=act.registration.bytes if act.registration else None,
    )


def _contact(act: LearningAct, mine: bool) -> Contact:
    return Contact(
        at=act.at,
        position=act.position,
        statement=act.statement.bytes,
        kind=act.kind,
        mine=mine,
        persons=tuple(person.bytes for person in (act.concerns if mine else (act.actor,))),
        activity=act.activity,
        within=act.within,
        registration=act.registration.bytes if act.registration else None,
        refers=tuple(id_.bytes for id_ in act.refers),
        follows=act.follows,
    )
