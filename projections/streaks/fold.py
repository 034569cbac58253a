"""What is remembered of a learner for the weekly rhythm: when they did something of their own, and what kind of thing.

Neither the policy nor the learner's time zone is known here, so acts are counted per kind and *slot*, a quarter of an
hour of UTC: days and weeks of every zone begin on one (all offsets since 2000 are multiples of it; the tests look).
A state grows with the time in which somebody was active and not with their statements; a slot costs some 60 bytes.

Counts can't tell a repeated act: each act must be folded once, as the runner does.
"""

from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from schemas.act import ActKind, LearningAct

SLOT = 15 * 60
"""Seconds."""
SLOTS_A_BLOCK = 7 * 24 * 4
WITNESSES = 5
"""So many statements are remembered of a slot and kind: a rule seldom asks for more acts a week."""

# What an unset clock says (1970, 1980) and a mad one: no act was then, and no week should be reckoned between.
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Slot(Struct, array_like=True, frozen=True, gc=False):
    """Acts of one kind in a quarter of an hour."""

    acts: int
    changed: int
    """The highest position among them."""
    witnesses: tuple[tuple[int, UUID], ...]
    """Position and id of those with the lowest positions, in order."""


Block = dict[int, dict[ActKind, Slot]]
"""Slots, numbered from the beginning of 1970, by kind."""


class Rhythm(Struct, frozen=True):
    """When a learner was active. In blocks of a week of UTC, so that an act copies little of it."""

    blocks: dict[int, Block] = {}


def fold(state: Rhythm, learner: UUID, act: LearningAct) -> Rhythm:
    """Count an act, if it is the learner's own; the order of acts doesn't matter, each must come once."""
    if act.actor != learner or not FIRST <= act.at < LAST:
        return state
    slot = int(act.at.timestamp()) // SLOT
    number = slot // SLOTS_A_BLOCK
    block = state.blocks.get(number, {})
    kinds = block.get(slot, {})
    counted = _with(kinds.get(act.kind), act)
    return Rhythm({**state.blocks, number: {**block, slot: {**kinds, act.kind: counted}}})


def _with(slot: Slot | None, act: LearningAct) -> Slot:
    witness = (act.position, act.statement)
    if slot is None:
        return Slot(1, act.position, (witness,))
    witnesses = tuple(sorted((*slot.witnesses, witness))[:WITNESSES])
    return Slot(slot.acts + 1, max(slot.changed, act.position), witnesses)
