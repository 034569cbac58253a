"""*My team*: follow-ups that wait, the team's rhythm, and my own visible example beside it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from lrs.dashboard.dashboard import Shown, View
from lrs.dashboard.me import ToDo, urgency
from lrs.dashboard.visitor import Visitor
from lrs.insights import follow_ups, managers, streaks, teams
from lrs.insights.activities import names_of
from lrs.insights.managers import ManagerDetail
from lrs.insights.snapshot import Snapshot
from lrs.insights.streaks import Streak
from lrs.problem import Problem
from projections.manager_visibility.read import Act
from projections.streaks.read import Week

_WEEKS: Final = 13
_SHOWN: Final = 40
"""People whose weeks are drawn: more is no page to look at."""
_WAITING: Final = ("due", "overdue")
_DONE: Final = ("done", "done late")
_RECENTLY: Final = timedelta(days=14)
_ORDER: Final = ("at risk", "broken", "none", "running")


class Member(NamedTuple):
    """Somebody of the team."""

    streak: Streak
    weeks: Sequence[Week]


def team(wanted: str | None) -> View:
    """Show a team that the visitor manages, or one below it; the first of theirs if none is named."""

    def show(snapshot: Snapshot, visitor: Visitor) -> Shown:
        name = wanted if wanted is not None else next(iter(visitor.teams), None)
        if name is None or not visitor.caller.sees_figures:
            raise Problem(403, "you don't manage a team today, as the organisation has it")
        sight = snapshot.sight()
        found = snapshot.item(teams.ONE, team=name) if sight.asks_about(name) else None
        if found is None:
            raise Problem(403, "you may not ask about this team, or there is none of that id")
        plans = snapshot.items(follow_ups.LIST, team=name)
        mine = None if visitor.me is None else snapshot.item(managers.ONE, person=visitor.me)
        check_ins = [one for one in mine.check_ins if one.status in ("due", "overdue", "open")] if mine else []
        steps = [ToDo(plan, step) for plan in plans for step in plan.steps if plan.person.id != visitor.me]
        now = snapshot.moment.now
        return Shown(
            "team.html",
            {
                "team": found,
                "others": [one for one in snapshot.items(teams.LIST) if sight.asks_about(one.id)],
                "check_ins": sorted(check_ins, key=lambda one: urgency(one.status, one.due)),
                "waiting": sorted(
                    (one for one in steps if one.step.status in _WAITING and one.step.name != "check-in"),
                    key=lambda one: urgency(one.step.status, one.step.due),
                ),
                "wins": sorted(
                    (one for one in steps if one.step.status in _DONE and _since(one) >= now - _RECENTLY),
                    key=_since,
                    reverse=True,
                ),
                "members": _members(snapshot, name, visitor),
                "mine": mine,
                "seen": _seen(mine),
                "names": names_of(snapshot, {*(plan.training for plan in plans), *(one.training for one in check_ins)}),
            },
        )

    return show


def _seen(mine: ManagerDetail | None) -> list[Act]:
    """Give what the figure of visible acts counts, the latest first."""
    acts = [one for one in mine.acts if one.recent] if mine else []
    return sorted(acts, key=lambda one: one.at, reverse=True)


def _since(one: ToDo) -> datetime:
    return one.step.decided or one.step.opens


def _members(snapshot: Snapshot, name: str, visitor: Visitor) -> list[Member]:
    found: Sequence[Streak] = snapshot.items(streaks.LIST, team=name)
    others = sorted(
        (one for one in found if one.person.id != visitor.me),
        key=lambda one: (_ORDER.index(one.standing), one.person.name or ""),
    )
    members = []
    for streak in others[:_SHOWN]:
        detail = snapshot.item(streaks.ONE, person=streak.person.id)
        members.append(Member(streak, detail.weeks[-_WEEKS:] if detail else ()))
    return members
