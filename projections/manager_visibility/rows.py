"""Rows of manager visibility: facts about a learner, whoever they are, that a manager's figures are made of.

Windows of the policy stand in the rows as moments, in the learner's own days, so that reading needs neither policy
nor time zone: what holds now is a comparison with now. Who managed whom is joined by day. Weeks and check-ins whose
window was over before the latest statement was stored have no rows: nobody reads before then.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from projections.follow_up.days import Days
from projections.follow_up.evidence import Rule
from projections.manager_visibility.checkins import CheckIn, check_ins
from projections.manager_visibility.fold import Own, State
from projections.manager_visibility.tables import ACTS, CHECK_INS, DONE, WEEKS
from projections.projection import Rows
from schemas.act import ActKind
from schemas.organisation import Person
from schemas.policy import Policy, RhythmRule, VisibilityRule

RHYTHM_WEEKS = 13
"""A week counts in the rhythm for so many weeks, itself included: a quarter of a year."""
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_RULES = {rule: rule.name.lower() for rule in Rule}


def rows(state: State, learner: UUID, policy: Policy, person: Person | None, /) -> Rows:
    """Give a learner's visible acts, active weeks, check-ins and who did them, each in order of time."""
    return Remembering()(state, learner, policy, person)


class Remembering:
    """Makes the rows of one learner time and again: what acts were before isn't worked out anew."""

    def __init__(self) -> None:
        self._of: tuple[UUID, Policy, Person | None] | None = None
        self._days = Days(Policy(), None)
        self._acts: dict[int, tuple[Own, tuple[Any, ...]]] = {}
        """Acts that others could see, by position, with their rows."""
        self._asked: list[CheckIn] = []
        self._asked_of = State()

    def __call__(self, state: State, learner: UUID, policy: Policy, person: Person | None, /) -> Rows:
        """Give the rows, as ``rows`` does."""
        of = self._of
        if of is None or of[0] != learner or of[1] is not policy or of[2] is not person:
            # Without completions no check-ins are asked.
            self._days, self._acts, self._asked, self._asked_of = Days(policy, person), {}, [], State()
        self._of, days = (learner, policy, person), self._days
        asked = self._check_ins(state, policy, days)
        since = bisect_left(state.own, state.known - (RHYTHM_WEEKS + 1) * _WEEK, key=lambda act: act.at)
        weeks = _weeks(state.own[since:], policy.rhythm, days)
        kinds = frozenset(policy.visibility.kinds)
        return {
            ACTS.name: [
                self._act(act, learner, policy.visibility, days)
                for act in state.own
                if act.visible or act.kind in kinds
            ],
            WEEKS.name: [(learner, *week) for week in weeks if week[2] > state.known],
            CHECK_INS.name: [(learner, *_check_in(one)) for one in asked],
            DONE.name: [(learner, *done) for one in asked for done in _done(one, days)],
        }

    def _act(self, act: Own, learner: UUID, rule: VisibilityRule, days: Days) -> tuple[Any, ...]:
        before = self._acts.get(act.position)
        if before is None or before[0] is not act:
            before = self._acts[act.position] = act, (learner, *_act(act, rule, days))
        return before[1]

    def _check_ins(self, state: State, policy: Policy, days: Days) -> list[CheckIn]:
        """Give the check-ins; they are others if completions or contacts are, or if one of them has lapsed since."""
        before = self._asked_of
        if (
            before.completions is not state.completions
            or before.contacts is not state.contacts
            or before.known > state.known
            or any(one.window.lapses <= state.known for one in self._asked)
        ):
            found = check_ins(state, policy, days)
            self._asked = sorted(found, key=lambda one: (one.plan.opener.at, one.plan.opener.position))
            self._asked_of = state
        return self._asked


def _act(act: Own, rule: VisibilityRule, days: Days) -> tuple[Any, ...]:
    day = days.of(act.at)
    return (
        act.at,
        UUID(bytes=act.statement),
        day,
        act.kind.value,
        act.activity,
        days.end(day + rule.visible_days * _DAY),
        days.end(day + rule.fading_days * _DAY),
        act.position,
    )


def _weeks(own: Iterable[Own], rule: RhythmRule, days: Days) -> Iterator[tuple[Any, ...]]:
    """Give the weeks with enough acts, as streaks count them; each rests on the first so many."""
    kinds = frozenset(rule.kinds or ActKind) - (frozenset() if rule.kinds else {ActKind.ASSIGNED})
    enough = max(rule.acts_a_week, 1)
    weeks: dict[date, list[Own]] = {}
    for act in own:
        if act.kind in kinds:
            day = days.of(act.at)
            acts = weeks.setdefault(day - day.weekday() * _DAY, [])
            if len(acts) < enough:
                acts.append(act)
    for monday, acts in sorted(weeks.items()):
        if len(acts) == enough:
            yield (
                monday,
                acts[-1].at,
                days.begin(monday + RHYTHM_WEEKS * _WEEK),
                [UUID(bytes=act.statement) for act in acts],
                max(act.position for act in acts),
            )


def _check_in(one: CheckIn) -> tuple[Any, ...]:
    opener, window, waived = one.plan.opener, one.window, one.waived
    return (
        UUID(bytes=opener.statement),
        opener.training,
        opener.at,
        one.plan.on,
        window.soon,
        window.due,
        window.due_on,
        window.lapses,
        waived.act.at if waived else None,
        UUID(bytes=waived.act.statement) if waived else None,
        # Also of who did it: that relieves others.
        max([one.plan.changed, *(match.act.position for match in (waived, *one.done.values()) if match)]),
    )


def _done(one: CheckIn, days: Days) -> Iterator[tuple[Any, ...]]:
    for person, (rule, act) in sorted(one.done.items()):
        yield (
            UUID(bytes=one.plan.opener.statement),
            person,
            UUID(bytes=act.statement),
            act.at,
            days.of(act.at),
            _RULES[rule],
            max(one.plan.changed, act.position),
        )
