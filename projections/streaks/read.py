"""How learners stand in their streaks at a moment: lists, one learner with their weeks, figures of groups.

Everything is read from ``streaks_weeks`` and, for who belongs where, the organisation's tables of the cursor's store.
Each row holds for a time, so ``now`` only picks rows. The day it is where ``now`` is (its
own time zone) decides about teams and employment; a learner's weeks are of the learner's zone.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import Cursor
from psycopg.sql import SQL

from projections import sql
from projections.streaks.report import (
    Run,
    Streak,
    StreakDetail,
    StreakFigures,
    TeamStreaks,
    Week,
)
from projections.streaks.streak import Standing, WeekState

__all__ = [
    "Query",
    "Run",
    "Sort",
    "Standing",
    "Streak",
    "StreakDetail",
    "StreakFigures",
    "TeamStreaks",
    "Week",
    "WeekState",
    "detail",
    "figures",
    "place",
    "streaks",
    "team_figures",
]

_queries = sql.load(__package__)
_WEEK = timedelta(days=7)
WEEKS_SHOWN = 52

Sort = Literal["current", "longest", "learner"]
_KEYS = {"current": SQL("coalesce(current, 0)"), "longest": SQL("coalesce(longest, 0)"), "learner": SQL("0")}


class Query(NamedTuple):
    """Which learners, in which order."""

    learners: Sequence[UUID] | None = None
    """Only these, known or not; None: the people employed today and learners the organisation doesn't know."""
    standings: Sequence[Standing] | None = None
    """Only those who stand so; None: any."""
    least: int = 0
    """Only with a current streak of at least so many weeks."""
    changed_since: int = -1
    """Only with statements after this position of the log; -1: also those without any."""
    sort: Sort = "current"
    descending: bool = True
    """Ties, too, go by learner in this direction."""
    after: tuple[int, UUID] | None = None
    """``place`` of the last one of the page before."""
    limit: int = 100


def place(streak: Streak, sort: Sort) -> tuple[int, UUID]:
    """Give a streak's place in a sorted list, for ``Query.after``."""
    return (0 if sort == "learner" else getattr(streak, sort)), streak.learner


def streaks(cursor: Cursor[Any], query: Query, now: datetime) -> list[Streak]:
    """Give a page of learners as they stand now."""
    key, learner = query.after or (None, None)
    cursor.execute(
        _queries.page.format(
            key=_KEYS[query.sort],
            order=SQL("DESC" if query.descending else "ASC"),
            beyond=SQL("<" if query.descending else ">"),
        ),
        {
            **_moment(now),
            "learners": _array(query.learners),
            "standings": None if query.standings is None else list(query.standings),
            "least": query.least,
            "changed_since": query.changed_since,
            "after_key": key,
            "after_learner": learner,
            "limit": query.limit,
        },
    )
    return [_streak(*row) for row in cursor.fetchall()]


def detail(cursor: Cursor[Any], learner: UUID, now: datetime) -> StreakDetail | None:
    """Give how a learner stands now, with their weeks; None if they had no acts yet."""
    cursor.execute(_queries.weeks, {"learner": learner})
    rows = [_Row(*row) for row in cursor.fetchall()]
    begun = bisect_right(rows, now, key=attrgetter("begins"))
    if not begun:
        return None
    known, coming = rows[:begun], rows[begun:]
    last = known[-1]
    ends = next((row.week for row in coming if row.standing == "broken"), None) if last.current else None
    return StreakDetail(
        streak=_streak(
            learner,
            last.standing,
            last.current,
            last.longest,
            last.began,
            last.latest,
            ends,
            last.repair,
            last.lost,
            _evidence(known, last.began, last.week),
            last.changed,
        ),
        longest=_longest(known),
        zone=last.zone,
        weeks=_weeks(known, _this_week(last, coming, now)),
    )


def figures(cursor: Cursor[Any], learners: Sequence[UUID] | None, now: datetime) -> StreakFigures:
    """Count how these people stand now; None: everybody, as in ``Query.learners``."""
    cursor.execute(_queries.figures, {**_moment(now), "learners": _array(learners)})
    row = cursor.fetchone()
    assert row is not None, "counting gives a row"  # noqa: S101
    return _figures(*row)


def team_figures(
    cursor: Cursor[Any], teams: Sequence[str] | None, learners: Sequence[UUID] | None, now: datetime
) -> list[TeamStreaks]:
    """Count the same per team, by its name; teams without people are left out. None: all teams, all members."""
    cursor.execute(
        _queries.team_figures,
        {**_moment(now), "teams": None if teams is None else list(teams), "learners": _array(learners)},
    )
    return [TeamStreaks(team=team, figures=_figures(*row)) for team, *row in cursor.fetchall()]


class _Row(NamedTuple):
    week: date
    begins: datetime
    zone: str
    acts: int
    days: int
    state: WeekState
    standing: Standing
    current: int
    longest: int
    began: date | None
    latest: date | None
    repair: int
    lost: int
    evidence: list[UUID]
    changed: int


def _streak(
    learner: UUID,
    standing: Standing,
    current: int,
    longest: int,
    began: date | None,
    latest: date | None,
    ends: date | None,
    repair: int,
    lost: int,
    evidence: Sequence[UUID],
    changed: int,
) -> Streak:
    return Streak(
        learner=learner,
        standing=standing,
        current=current,
        longest=longest,
        began=began,
        latest=latest,
        ends=ends,
        repair=repair,
        lost=lost,
        evidence=tuple(evidence),
        changed=changed,
    )


def _figures(people: int, running: int, at_risk: int, broken: int, none: int, median: float) -> StreakFigures:
    return StreakFigures(people=people, running=running, at_risk=at_risk, broken=broken, none=none, median=median)


def _this_week(last: _Row, coming: Sequence[_Row], now: datetime) -> date:
    """Give the Monday of the week it is for the learner."""
    today = now.astimezone(ZoneInfo(last.zone)).date()
    week = max(today - timedelta(days=today.weekday()), last.week)
    return min(week, coming[0].week - _WEEK) if coming else week


def _weeks(known: Sequence[_Row], this_week: date) -> tuple[Week, ...]:
    first = max(known[0].week, this_week - (WEEKS_SHOWN - 1) * _WEEK)
    shown = []
    for number in range((this_week - first) // _WEEK + 1):
        week = first + number * _WEEK
        row = known[bisect_right(known, week, key=attrgetter("week")) - 1]
        # A week without a row of its own is like the one before it, which had no acts either.
        ongoing = week == this_week and row.state not in ("active", "rest")
        shown.append(
            Week(
                week=week,
                state="running" if ongoing else row.state,
                acts=row.acts,
                days=row.days,
                evidence=tuple(row.evidence),
            )
        )
    return tuple(shown)


def _longest(known: Sequence[_Row]) -> Run | None:
    longest = known[-1].longest
    if not longest:
        return None
    last = next(row for row in known if row.current == longest)
    assert last.began is not None, "a streak began"  # noqa: S101
    return Run(weeks=longest, first=last.began, last=last.week, evidence=_evidence(known, last.began, last.week))


def _evidence(known: Sequence[_Row], first: date | None, last: date) -> tuple[UUID, ...]:
    if first is None:
        return ()
    return tuple(row.evidence[0] for row in known if first <= row.week <= last and row.state == "active")


def _moment(now: datetime) -> dict[str, Any]:
    return {"now": now, "today": now.date()}


def _array(ids: Sequence[UUID] | None) -> str | None:
    """Write ids as an array's text: much faster than letting a cursor write each."""
    return None if ids is None else "{" + ",".join([id_.hex for id_ in ids]) + "}"
