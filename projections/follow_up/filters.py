"""Filters on plans and steps, and the status of a step: written once, in ``queries.sql``."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from projections import sql

queries = sql.load(__package__)


class Status(StrEnum):
    """How a step stands at some moment."""

    OPEN = "open"
    DUE = "due"
    """Open, and due soon."""
    OVERDUE = "overdue"
    LAPSED = "lapsed"
    """Not done, and so long ago that nobody is reminded any more."""
    DONE = "done"
    DONE_LATE = "done late"
    WAIVED = "waived"


_STATUSES = {
    Status.OPEN: queries.open,
    Status.DUE: queries.due,
    Status.OVERDUE: queries.overdue,
    Status.LAPSED: queries.lapsed,
    Status.DONE: queries.done,
    Status.DONE_LATE: queries.done_late,
    Status.WAIVED: queries.waived,
}


_TO_DO = {Status.OPEN, Status.DUE, Status.OVERDUE}


class Filters(Struct, frozen=True, kw_only=True):
    """Which plans; None: any. A plan must have a step that matches all filters on steps at once."""

    learners: Sequence[UUID] | None = None
    teams: Sequence[str] | None = None
    """Teams the learner was in on the day of the completion."""
    managers: Sequence[UUID] | None = None
    """Who managed such a team on that day."""
    training: str | None = None
    changed_since: int | None = None
    """Only plans that rest on a statement after this position."""
    steps: Sequence[str] | None = None
    """Names of steps."""
    statuses: Sequence[Status] | None = None
    due_after: datetime | None = None
    due_before: datetime | None = None
    """Due at or before this moment: a day is due when it ends."""

    def parameters(self, cursor: Cursor[TupleRow], now: datetime) -> dict[str, Any]:
        """Give the values that the conditions name."""
        return {
            "now": now,
            "due_since": self._due_since(cursor, now),
            "learners": _list(self.learners),
            "teams": _list(self.teams),
            "managers": _list(self.managers),
            "training": self.training,
            "changed_since": self.changed_since,
            "steps": _list(self.steps),
            "due_after": self.due_after,
            "due_before": self.due_before,
        }

    def _due_since(self, cursor: Cursor[TupleRow], now: datetime) -> datetime | None:
        if not self._only_to_do():
            return None
        # Asked beforehand, for the planner has to see the moment to know how much there is between it and now.
        row = cursor.execute(queries.grace).fetchone()
        grace = row[0] if row is not None and row[0] is not None else timedelta()
        # A day more, for intervals know no daylight saving.
        return now - grace - timedelta(days=1)

    def _only_to_do(self) -> bool:
        return bool(self.statuses) and _TO_DO.issuperset(self.statuses or ())

    def on_plans(self) -> list[Composable]:
        """Give the conditions on a plan ``p`` itself."""
        return [
            condition
            for wanted, condition in (
                (self.learners, SQL("p.learner = ANY(%(learners)s::uuid[])")),
                (self.teams, queries.in_teams),
                (self.managers, queries.under_managers),
                (self.training, SQL("left(p.training, 500) = left(%(training)s, 500) AND p.training = %(training)s")),
                (self.changed_since, SQL("p.changed > %(changed_since)s")),
            )
            if wanted is not None
        ]

    def on_steps(self, step: str) -> list[Composable]:
        """Give the conditions on a step by the name it has in the statement."""
        alias = Identifier(step)
        found: list[Composable] = []
        if self.steps is not None:
            found.append(SQL("{}.step = ANY(%(steps)s::text[])").format(alias))
        if self.due_after is not None:
            found.append(SQL("{}.due > %(due_after)s").format(alias))
        if self.due_before is not None:
            found.append(SQL("{}.due <= %(due_before)s").format(alias))
        if self.statuses is not None:
            found.append(is_any(self.statuses, step))
        if self._only_to_do():
            # What was due before has lapsed or is done: it needn't be walked through.
            found.append(SQL("{}.due > %(due_since)s").format(alias))
        return found


def both(conditions: Iterable[Composable]) -> Composable:
    """Join conditions that must all hold."""
    return SQL(" AND ").join((SQL("true"), *conditions))


def is_any(statuses: Iterable[Status], step: str) -> Composed:
    """Give the condition that a step has one of these statuses."""
    alternatives = [SQL("({})").format(_STATUSES[status].format(step=Identifier(step))) for status in statuses]
    return SQL("({})").format(SQL(" OR ").join(alternatives) if alternatives else SQL("false"))


def status(step: str) -> Composed:
    """Give the expression for a step's status."""
    cases = [
        SQL("WHEN {} THEN {}").format(condition.format(step=Identifier(step)), Literal(status.value))
        for status, condition in _STATUSES.items()
    ]
    return SQL("CASE {} END").format(SQL(" ").join(cases))


def _list(values: Sequence[Any] | None) -> list[Any] | None:
    return None if values is None else list(values)
