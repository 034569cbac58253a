"""*Me*: what to follow up next and by when, my rhythm, my goals, what I did, who can see it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from lrs.access import Access, accesses_of
from lrs.dashboard.dashboard import Shown
from lrs.dashboard.visitor import Visitor, visitor_of
from lrs.insights import follow_ups, seers, statements, streaks
from lrs.insights.activities import names_of
from lrs.insights.follow_ups import FollowUp, Step
from lrs.insights.snapshot import Snapshot
from lrs.insights.statements import NOTHING
from projections.streaks.read import Week
from schemas.act import ActKind

_WEEKS: Final = 52
_IN_A_ROW: Final = 13
_DID: Final = 8
_GOALS: Final = 20
_LOOKED: Final = 6
_ACCESSES: Final = 100
_TO_DO: Final = ("due", "overdue", "open")
_DONE: Final = ("done", "done late")
_GOAL_KINDS: Final = (ActKind.SET_GOAL, ActKind.REACHED_GOAL, ActKind.PLANNED)


class ToDo(Struct, frozen=True):
    """A step that waits."""

    plan: FollowUp
    step: Step


class Block(Struct, frozen=True):
    """Thirteen weeks of the calendar: a quarter of a year."""

    weeks: Sequence[Week]

    @property
    def first(self) -> date:
        """Its first Monday."""
        return self.weeks[0].week

    @property
    def last(self) -> date:
        """Its last Sunday."""
        return self.weeks[-1].week + timedelta(days=6)


def first_page(snapshot: Snapshot) -> str:
    """Give the page that somebody begins at."""
    visitor = visitor_of(snapshot)
    return "/dashboard/organisation" if visitor.sees_organisation and not visitor.known else "/dashboard/me"


def show(snapshot: Snapshot, _: Visitor) -> Shown:
    """Show somebody their own page."""
    me = snapshot.sight().me
    if me is None:
        return Shown("me_unknown.html", {})
    return Shown("me.html", {**about(snapshot, me), **_of_myself(snapshot, me), "whose": None})


def about(snapshot: Snapshot, person: UUID) -> dict[str, Any]:
    """Give somebody's follow-ups and rhythm, which who looks after them sees, too."""
    plans = snapshot.items(follow_ups.LIST, person=person)
    now = snapshot.moment.now
    waiting = sorted(
        (ToDo(plan, step) for plan in plans for step in plan.steps if step.status in _TO_DO),
        key=lambda one: one.step.due,
    )
    ready = sorted(
        (one for one in waiting if one.step.opens <= now), key=lambda one: urgency(one.step.status, one.step.due)
    )
    recently = now - timedelta(days=30)
    streak = snapshot.item(streaks.ONE, person=person)
    return {
        "person": person,
        "next": next(iter(ready), None),
        "then": ready[1:6],
        "more": max(0, len(ready) - 6),
        "later": [one for one in waiting if one.step.opens > now],
        "done": sorted(
            (
                ToDo(plan, step)
                for plan in plans
                for step in plan.steps
                if step.status in _DONE and step.decided is not None and step.decided >= recently
            ),
            key=lambda one: one.step.decided or recently,
            reverse=True,
        ),
        "plans": plans,
        "names": names_of(snapshot, (plan.training for plan in plans)),
        "streak": streak,
        "blocks": [] if streak is None else blocks(streak.weeks),
    }


def urgency(status: str, due: datetime) -> tuple[int, float]:
    """Order what can be done now: what can still be in time, then what was due, the latest first, then the rest."""
    moment = due.timestamp()
    return _TO_DO.index(status), -moment if status == "overdue" else moment


def blocks(weeks: Sequence[Week]) -> list[Block]:
    """Give a year of weeks in quarters; those before the first with an act are empty."""
    first = weeks[0].week
    empty = [_empty(first - timedelta(weeks=number)) for number in range(_WEEKS - len(weeks), 0, -1)]
    whole = [*empty, *weeks]
    return [Block(whole[begin : begin + _IN_A_ROW]) for begin in range(0, _WEEKS, _IN_A_ROW)]


def _empty(week: date) -> Week:
    return Week(week=week, state="free", acts=0, days=0, evidence=())


def _of_myself(snapshot: Snapshot, me: UUID) -> dict[str, Any]:
    latest = [one for one in snapshot.items(statements.LIST, person=me, limit=_DID * 3) if one.kind != NOTHING]
    did = sorted(latest, key=lambda one: one.at, reverse=True)[:_DID]
    goals = {
        kind.value: snapshot.items(statements.LIST, person=me, kind=kind.value, limit=_GOALS) for kind in _GOAL_KINDS
    }
    reached = {one.object: one.at for one in sorted(goals[ActKind.REACHED_GOAL.value], key=lambda one: one.at)}
    goals[ActKind.SET_GOAL.value] = [
        one for one in goals[ActKind.SET_GOAL.value] if one.object not in reached or one.at > reached[one.object]
    ]
    shown = [*did, *(one for some in goals.values() for one in some)]
    return {
        "did": did,
        "goals": goals,
        "has_goals": any(goals.values()),
        "did_names": names_of(snapshot, (one.object for one in shown)),
        "seen_by": snapshot.item(seers.ONE, person=me),
        "looked": _looked(snapshot),
    }


def _looked(snapshot: Snapshot) -> list[Access]:
    """Give who looked lately, each once a day, whatever they looked at."""
    found = accesses_of(snapshot.rows, snapshot.store.keyring, snapshot.sight().mine, _ACCESSES)
    latest = {(one.day, one.kind, one.name): one for one in reversed(found)}
    return sorted(latest.values(), key=lambda one: one.last, reverse=True)[:_LOOKED]
