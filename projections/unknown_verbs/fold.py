"""Counts a learner's statements with unknown verbs.

Counts can't tell a repeated act: each act must be folded once, as the runner does.
"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from schemas.act import ActKind, LearningAct

EXAMPLES = 3
"""So many statements are remembered of each verb and type."""


class Seen(Struct, array_like=True, frozen=True, gc=False):
    """What is known of a learner's statements with one verb and type of activity."""

    statements: int
    first: datetime
    """The earliest of their timestamps."""
    last: datetime
    examples: tuple[tuple[int, UUID], ...]
    """Position and id of those recorded last, the newest first."""


class UnknownVerbs(Struct, frozen=True):
    """A learner's unknown verbs."""

    seen: dict[str, dict[str, Seen]] = {}
    """By verb and activity type; the type is empty if the activity has none or the object is no activity."""


def fold(state: UnknownVerbs, learner: UUID, act: LearningAct) -> UnknownVerbs:
    """Count an act of unknown kind, if it is the learner's own; the order of acts doesn't matter."""
    if act.kind is not ActKind.UNKNOWN or act.actor != learner:
        return state
    types = state.seen.get(act.verb, {})
    counted = _with(types.get(act.activity_type), act)
    return UnknownVerbs({**state.seen, act.verb: {**types, act.activity_type: counted}})


def _with(seen: Seen | None, act: LearningAct) -> Seen:
    example = (act.position, act.statement)
    if seen is None:
        return Seen(1, act.at, act.at, (example,))
    examples = tuple(sorted((*seen.examples, example), reverse=True)[:EXAMPLES])
    return Seen(seen.statements + 1, min(seen.first, act.at), max(seen.last, act.at), examples)
