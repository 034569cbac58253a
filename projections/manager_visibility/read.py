"""Reads manager visibility: lists of managers, one manager with evidence, a team, the organisation.

The cursor's ``search_path`` is the store's schema. ``now`` decides what is recent, and the day it is where ``now`` is
(its own time zone) who manages whom today. What happened before counts for who managed the team on that day.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import SQL

from projections.manager_visibility.facts import PARTS, Facts, queries
from projections.manager_visibility.report import (
    Act,
    Acts,
    CheckIn,
    CheckIns,
    CheckInStatus,
    Detail,
    Manager,
    Rhythm,
    Shares,
    Status,
    TeamReport,
    Week,
)

__all__ = [
    "Act",
    "Acts",
    "CheckIn",
    "CheckInStatus",
    "CheckIns",
    "Detail",
    "Manager",
    "Page",
    "Query",
    "Rhythm",
    "Shares",
    "Sort",
    "Status",
    "TeamReport",
    "Week",
    "detail",
    "managers",
    "organisation",
    "team",
]


class Sort(StrEnum):
    """What a list of managers is in order of; then by id."""

    STATUS = "status"
    """Invisible, fading, visible."""
    LAST = "last"
    """When teams last could see an act: never first, then the longest ago."""
    OVERDUE = "overdue"
    """How many check-ins are overdue."""


class Query(Struct, frozen=True, kw_only=True):
    """Which managers, in which order, from where. None: whichever."""

    managers: Sequence[UUID] | None = None
    """Among these."""
    team: str | None = None
    """Who manages this team or one below it today."""
    status: Status | None = None
    changed_since: int | None = None
    """Whose figures rest on a statement after this position."""
    sort: Sort = Sort.STATUS
    descending: bool = False
    after: tuple[Any, ...] | None = None
    """``after`` of the page before, of the same sort."""
    limit: int = 50


class Page(NamedTuple):
    """Managers in the order asked for; ``after`` leads to the next page, None if there is none."""

    managers: list[Manager]
    after: tuple[Any, ...] | None


_KEYED = {Sort.STATUS: queries.by_status, Sort.LAST: queries.by_last, Sort.OVERDUE: queries.by_overdue}


def managers(cursor: Cursor[TupleRow], query: Query, now: datetime) -> Page:
    """Give a page of those who manage a team today."""
    key, manager = query.after or (None, None)
    find = queries.page.format(
        **PARTS,
        keyed=_KEYED[query.sort],
        changed=queries.changed,
        order=SQL("DESC" if query.descending else "ASC"),
        beyond=SQL("<" if query.descending else ">"),
    )
    values = {
        **_standing(query.managers, query.team, now),
        "status": query.status,
        "changed_since": query.changed_since,
        "after_key": key,
        "after_manager": manager,
        "limit": query.limit + 1,
    }
    rows = cursor.execute(find, values).fetchall()
    found = [manager for _, manager in rows[: query.limit]]
    facts = Facts(cursor, found, now)
    return Page([facts.of(manager) for manager in found], rows[query.limit - 1] if len(rows) > query.limit else None)


def detail(cursor: Cursor[TupleRow], manager: UUID, now: datetime) -> Detail | None:
    """Give a manager's figures and what they rest on; None of somebody who never managed a team."""
    facts = Facts(cursor, [manager], now)
    if not facts.manages(manager):
        return None
    weeks = cursor.execute(queries.weeks, {"learner": manager, "now": now}).fetchall()
    above = cursor.execute(queries.managers_of.format(**PARTS), {"person": manager, "today": now.date()}).fetchall()
    return Detail(
        manager=facts.of(manager),
        by_team=tuple(facts.of_team(manager, team) for team in facts.teams(manager)),
        acts=tuple(facts.acts(manager)),
        check_ins=tuple(facts.check_ins(manager)),
        weeks=tuple(Week(week=week, statements=tuple(statements)) for week, statements in weeks),
        managers=tuple(person for (person,) in above),
    )


def team(cursor: Cursor[TupleRow], team: str, now: datetime) -> TeamReport | None:
    """Give how a team's managers learn, and how many do there and below; None if there is no such team."""
    named = cursor.execute(queries.team, {"team": team}).fetchone()
    if named is None:
        return None
    managed_by = queries.managers_of_team.format(**PARTS)
    found = [manager for (manager,) in cursor.execute(managed_by, {"team": team, "today": now.date()})]
    facts = Facts(cursor, found, now)
    return TeamReport(
        team=team,
        name=named[0],
        managers=tuple(facts.of_team(manager, team) for manager in found),
        below=_shares(cursor, team, now),
    )


def organisation(cursor: Cursor[TupleRow], now: datetime) -> Shares:
    """Give how many of all who manage a team today are visible, fading and invisible."""
    return _shares(cursor, None, now)


def _shares(cursor: Cursor[TupleRow], team: str | None, now: datetime) -> Shares:
    cursor.execute(queries.shares.format(**PARTS), _standing(None, team, now))
    ((managers, visible, fading, invisible),) = cursor.fetchall()
    return Shares(managers=managers, visible=visible, fading=fading, invisible=invisible)


def _standing(managers: Sequence[UUID] | None, team: str | None, now: datetime) -> dict[str, Any]:
    return {
        "managers": None if managers is None else list(managers),
        "team": team,
        "now": now,
        "today": now.date(),
    }
