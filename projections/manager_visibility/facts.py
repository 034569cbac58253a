"""The facts that managers' figures are made of, read at once for some managers.

Figures are counted from the same facts that are given as their evidence, so they can't differ.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import SQL

from projections import sql
from projections.manager_visibility.report import (
    Act,
    Acts,
    CheckIn,
    CheckIns,
    CheckInStatus,
    Manager,
    Rhythm,
    Status,
)
from projections.manager_visibility.rows import RHYTHM_WEEKS
from schemas.act import ActKind

queries = sql.load(__package__)
PARTS = {part: getattr(queries, part) for part in ("holding", "asked", "stood", "standing")}
_COACHING = (ActKind.COACHED, ActKind.CHECKED_IN)


class _Last(NamedTuple):
    act: Act
    status: Status


class _Held(NamedTuple):
    """Somebody was managed in a team, from a day and until before another; None: no limit."""

    team: str
    begin: date | None
    end: date | None

    def on(self, day: date) -> bool:
        return (self.begin is None or self.begin <= day) and (self.end is None or day < self.end)


class Facts:
    """What is known of some managers at ``now``; the day it is where ``now`` is decides who is in which team today."""

    def __init__(self, cursor: Cursor[TupleRow], managers: Collection[UUID], now: datetime) -> None:
        self._today = now.date()
        self._values = {"managers": list(managers), "now": now, "today": self._today}
        self._managed: dict[UUID, dict[str, bool]] = {manager: {} for manager in managers}
        for manager, team, today in self._rows(cursor, queries.managed):
            self._managed[manager][team] = today
        self._last: dict[tuple[UUID, str], _Last] = {}
        for manager, team, statement, at, kind, activity, recent, fading, changed in self._rows(
            cursor, queries.last_acts
        ):
            status = Status.VISIBLE if recent else Status.FADING if fading else Status.INVISIBLE
            act = _act(statement, at, kind, activity, [team], recent, changed)
            self._last[manager, team] = _Last(act, status)
        self._reports: dict[UUID, dict[UUID, list[_Held]]] = {manager: {} for manager in managers}
        for manager, person, *held in self._rows(cursor, queries.reports):
            self._reports[manager].setdefault(person, []).append(_Held(*held))
        self._acts: dict[UUID, list[Act]] = {manager: [] for manager in managers}
        for manager, *act_ in self._rows(cursor, queries.acts):
            self._acts[manager].append(_act(*act_))
        self._check_ins: dict[UUID, list[CheckIn]] = {manager: [] for manager in managers}
        for manager, *asked in self._rows(cursor, queries.check_ins):
            self._check_ins[manager].append(self._check_in(manager, asked))
        people = {*managers, *(person for reports in self._reports.values() for person in reports)}
        cursor.execute(queries.rhythm, {"people": list(people), "now": now}, binary=True)
        self._rhythm: dict[UUID, tuple[int, int]] = {person: (weeks, changed) for person, weeks, changed in cursor}

    def of(self, manager: UUID) -> Manager:
        """Give a manager's figures."""
        managed = self._managed[manager]
        return self._figures(
            manager,
            tuple(team for team, today in managed.items() if today),
            self._last_of(manager),
            self._acts[manager],
            self._check_ins[manager],
            self._people(manager),
        )

    def of_team(self, manager: UUID, team: str) -> Manager:
        """Give a manager's figures for one team alone."""
        return self._figures(
            manager,
            (team,),
            self._last.get((manager, team)),
            [act for act in self._acts[manager] if team in act.teams],
            [one for one in self._check_ins[manager] if team in one.teams],
            self._people(manager, team),
        )

    def teams(self, manager: UUID) -> list[str]:
        """Give the teams that somebody manages today, and those that any of these facts is about."""
        about = {team for act in self._acts[manager] for team in act.teams}
        about |= {team for one in self._check_ins[manager] for team in one.teams}
        return [team for team, today in self._managed[manager].items() if today or team in about]

    def manages(self, manager: UUID) -> bool:
        """Whether somebody manages a team, or did or will."""
        return bool(self._managed[manager])

    def acts(self, manager: UUID) -> Sequence[Act]:
        """Give the acts that teams could see and that count, newest first."""
        return self._acts[manager]

    def check_ins(self, manager: UUID) -> Sequence[CheckIn]:
        """Give the check-ins asked of a manager."""
        return self._check_ins[manager]

    def _rows(self, cursor: Cursor[TupleRow], query: SQL) -> Iterable[tuple[Any, ...]]:
        return cursor.execute(query.format(**PARTS), self._values, binary=True).fetchall()

    def _people(self, manager: UUID, team: str | None = None) -> list[UUID]:
        """Give whom they manage today, in all teams or in one."""
        return [
            person
            for person, reports in self._reports[manager].items()
            if any(held.on(self._today) and team in {None, held.team} for held in reports)
        ]

    def _last_of(self, manager: UUID) -> _Last | None:
        found = [last for (of, _), last in self._last.items() if of == manager]
        if not found:
            return None
        last = max(found, key=lambda one: (one.act.at, one.act.statement))
        # What was the last of all is the last of every team that could see it.
        teams = tuple(team for one in found if one.act.statement == last.act.statement for team in one.act.teams)
        return _Last(_with_teams(last.act, teams), last.status)

    def _check_in(self, manager: UUID, row: Sequence[Any]) -> CheckIn:
        learner, completion, training, completed, day, due, status, done, done_at, done_rule, *others = row
        waived, waived_at, relief, relief_at, relief_rule, relief_by, changed = others
        decided: tuple[Any, ...] = (None, None, None, None)
        match CheckInStatus(status):
            case CheckInStatus.DONE | CheckInStatus.DONE_LATE:
                decided = done, done_at, done_rule, manager
            case CheckInStatus.WAIVED:
                decided = waived, waived_at, None, None
            case CheckInStatus.RELIEVED:
                decided = relief, relief_at, relief_rule, relief_by
        statement, at, rule, by = decided
        teams = {held.team for held in self._reports[manager][learner] if held.on(day)}
        return CheckIn(
            learner=learner,
            completion=completion,
            training=training,
            completed=completed,
            due=due,
            status=CheckInStatus(status),
            statement=statement,
            at=at,
            rule=rule,
            by=by,
            teams=tuple(sorted(teams)),
            changed=changed,
        )

    def _figures(
        self,
        manager: UUID,
        teams: tuple[str, ...],
        last: _Last | None,
        acts: Sequence[Act],
        check_ins: Sequence[CheckIn],
        people: Collection[UUID],
    ) -> Manager:
        weeks, changed = self._rhythm.get(manager, (0, 0))
        rests_on = [changed, *(act.changed for act in acts), *(one.changed for one in check_ins)]
        return Manager(
            manager=manager,
            teams=teams,
            status=last.status if last else Status.INVISIBLE,
            last=last.act if last else None,
            recent=_count([act for act in acts if act.recent]),
            longer=_count(acts),
            check_ins=_count_check_ins(check_ins),
            rhythm=Rhythm(
                weeks=weeks,
                of=RHYTHM_WEEKS,
                team_median=median(self._rhythm.get(person, (0, 0))[0] for person in people) if people else None,
                people=len(people),
            ),
            changed=max(rests_on + ([last.act.changed] if last else [])),
        )


def _act(
    statement: UUID, at: datetime, kind: str, activity: str, teams: Iterable[str], recent: bool, changed: int
) -> Act:
    return Act(
        statement=statement,
        at=at,
        kind=ActKind(kind),
        activity=activity,
        teams=tuple(teams),
        recent=recent,
        changed=changed,
    )


def _with_teams(act: Act, teams: tuple[str, ...]) -> Act:
    return _act(act.statement, act.at, act.kind, act.activity, teams, act.recent, act.changed)


def _count(acts: Sequence[Act]) -> Acts:
    kinds = Counter(act.kind for act in acts)
    return Acts(
        acts=len(acts),
        shares=kinds[ActKind.SHARED],
        reflections=kinds[ActKind.REFLECTED],
        coaching=sum(kinds[kind] for kind in _COACHING),
    )


def _count_check_ins(check_ins: Iterable[CheckIn]) -> CheckIns:
    counted = Counter(one.status for one in check_ins)
    return CheckIns(**{status.name.lower(): counted[status] for status in CheckInStatus})
