"""The rows of a learner: how they stand in each week, ahead of time as well.

What depends on now is only which of the rows holds: each does from its ``begins`` to its ``until``. The rows after the
last act say what happens if no other comes: when the streak is at risk, bridged, broken, when rest begins and ends.
So reading stays right as time passes, without the policy, the calendar or the time zone.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import accumulate
from typing import Any
from uuid import UUID

from msgspec import Struct

from projections.projection import Rows
from projections.streaks.clock import Clock
from projections.streaks.fold import Block, Rhythm
from projections.streaks.rest import rest_of
from projections.streaks.streak import Step, steps
from projections.streaks.week import Week, monday, week_of
from schemas.act import ActKind
from schemas.organisation import Person
from schemas.policy import Policy

_NEVER = frozenset({ActKind.ASSIGNED, ActKind.UNKNOWN})
"""What doesn't count unless the policy names it: being assigned something is no act of one's own."""


class Tally(Struct):
    """A learner's acts in a week, as far as they count."""

    acts: int = 0
    changed: int = 0
    """The highest position among them."""
    days: int = 0
    """A bit for each day of the week."""
    witnesses: list[tuple[int, UUID]] = []
    """Positions and ids of statements."""

    def and_(self, other: "Tally") -> "Tally":
        """Give both together."""
        return Tally(
            self.acts + other.acts,
            max(self.changed, other.changed),
            self.days | other.days,
            self.witnesses + other.witnesses,
        )


def rows(state: Rhythm, learner: UUID, policy: Policy, person: Person | None, /) -> Rows:
    """Give the rows of ``streaks_weeks``, oldest first."""
    return Remembering()(state, learner, policy, person)


class Remembering:
    """Makes the rows of one learner time and again: weeks that stayed as they were aren't counted anew."""

    def __init__(self) -> None:
        self._under: tuple[Policy, Person | None] | None = None
        self._counted: dict[int, tuple[Block, dict[Week, Tally]]] = {}
        """Blocks, and what each adds to which weeks."""

    def __call__(self, state: Rhythm, learner: UUID, policy: Policy, person: Person | None, /) -> Rows:
        """Give the rows, as ``rows`` does."""
        if self._under is None or self._under[0] is not policy or self._under[1] is not person:
            self._counted = {}
        self._under = policy, person
        clock = Clock(person.zones if person else (), policy.time_zone)
        kinds = frozenset(policy.rhythm.kinds) or frozenset(ActKind) - _NEVER
        tallies: dict[Week, Tally] = {}
        for number, block in state.blocks.items():
            before = self._counted.get(number)
            if before is None or before[0] is not block:
                before = self._counted[number] = block, _tallies(block, clock, kinds)
            for week, tally in before[1].items():
                tallies[week] = tallies[week].and_(tally) if week in tallies else tally
        return _rows(tallies, clock, learner, policy, person)


def _rows(tallies: Mapping[Week, Tally], clock: Clock, learner: UUID, policy: Policy, person: Person | None) -> Rows:
    counts = {week: tally.acts for week, tally in tallies.items()}
    walked = steps(counts, rest_of(person, policy), policy.rhythm, clock.moves())
    kept: list[tuple[Step, str, int]] = []
    for step, changed in zip(walked, _changes(walked, tallies), strict=True):
        zone = clock.zone(step.week)
        if kept and step.week not in tallies:
            before, in_zone, _ = kept[-1]
            if before.week not in tallies and in_zone == zone and before.lasts(step):
                continue
        kept.append((step, zone, changed))
    if not kept:
        return {"streaks_weeks": []}
    begins = [clock.begin(step.week) for step, _, _ in kept]
    nothing = Tally()
    return {
        "streaks_weeks": [
            _row(learner, step, (begin, until, zone), tallies.get(step.week, nothing), changed)
            for (step, zone, changed), begin, until in zip(kept, begins, [*begins[1:], None], strict=True)
        ]
    }


def _row(
    learner: UUID, step: Step, holds: tuple[datetime, datetime | None, str], tally: Tally, changed: int
) -> tuple[Any, ...]:
    return (
        learner,
        monday(step.week),
        *holds,
        tally.acts,
        tally.days.bit_count(),
        step.state,
        step.standing,
        step.current,
        step.longest,
        None if step.began is None else monday(step.began),
        None if step.latest is None else monday(step.latest),
        step.repair,
        step.lost,
        [statement for _, statement in sorted(tally.witnesses)],
        changed,
    )


def _tallies(block: Block, clock: Clock, kinds: frozenset[ActKind]) -> dict[Week, Tally]:
    """Count the acts of a block by the learner's own weeks."""
    tallies: dict[Week, Tally] = {}
    for slot, day in clock.days(block):
        for kind, counted in block[slot].items():
            if kind in kinds:
                week = week_of(day)
                tally = tallies.get(week)
                if tally is None:
                    tally = tallies[week] = Tally()
                tally.acts += counted.acts
                tally.changed = max(tally.changed, counted.changed)
                tally.days |= 1 << (day - 1) % 7
                tally.witnesses += counted.witnesses
    return tallies


def _changes(walked: list[Step], tallies: Mapping[Week, Tally]) -> list[int]:
    """Give the highest position of the statements each step rests on: those up to it, and those that repaired it."""
    nothing = Tally()
    changes = list(accumulate((tallies.get(step.week, nothing).changed for step in walked), max))
    for place in range(len(walked) - 2, -1, -1):
        if walked[place].state == "repaired":
            changes[place] = next(
                changed
                for later, changed in zip(walked[place + 1 :], changes[place + 1 :], strict=True)
                if later.state == "active"
            )
    return changes
