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
    days = Days(policy, person)
    asked = sorted(check_ins(state, policy, days), key=lambda one: (one.plan.opener.at, one.plan.opener.position))
    since = bisect_left(state.own, state.known - (RHYTHM_WEEKS + 1) * _WEEK, key=lambda act: act.at)
    weeks = _weeks(state.own[since:], policy.rhythm, days)
    return {
        ACTS.name: [(learner, *act) for act in _acts(state.own, policy.visibility, days)],
        WEEKS.name: [(learner, *week) for week in weeks if week[2] > state.known],
        CHECK_INS.name: [(learner, *_check_in(one)) for one in asked],
        DONE.name: [(learner, *done) for one in asked for done in _done(one, days)],
    }


def _acts(own: Iterable[Own], rule: VisibilityRule, days: Days) -> Iterator[tuple[Any, ...]]:
    kinds = frozenset(rule.kinds)
    for act in own:
        if act.visible or act.kind in kinds:
            day = days.of(act.at)
            yield (
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
