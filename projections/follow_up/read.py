"""Reads follow-up: lists of plans, one plan, counts. The cursor's ``search_path`` is the store's schema.

Every status is that at ``now``. What a figure of ``counts`` rests on is the list of ``plans`` with the same filters.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composable, Composed, Identifier

from projections.follow_up.counts import By, Count, Figure, Stage, counts
from projections.follow_up.filters import Filters, Status, both, queries, status

__all__ = [
    "By",
    "Count",
    "Figure",
    "Filters",
    "Page",
    "Plan",
    "Query",
    "Sort",
    "Stage",
    "Status",
    "Step",
    "counts",
    "plan",
    "plans",
]


class Sort(StrEnum):
    """What a list of plans is in order of."""

    DUE = "due"
    """The due moment of the first step that matches the filters on steps (descending: of the last)."""
    COMPLETED = "completed"
    TRAINING = "training"
    """By the first 500 characters of the IRI, then by completion."""
    LEARNER = "learner"
    """Then by completion."""


class Query(Filters, frozen=True, kw_only=True):
    """Which plans, in which order, from where."""

    sort: Sort = Sort.COMPLETED
    descending: bool = False
    after: tuple[Any, ...] | None = None
    """``after`` of the page before, of the same sort."""
    limit: int = 50


class Step(Struct, frozen=True, kw_only=True):
    """A step of a plan at some moment."""

    name: str
    status: Status
    opens: datetime
    """Acts count from this moment."""
    due: datetime
    """The end of the day it is due."""
    due_on: date
    lapses: datetime
    decided: datetime | None
    """When it was done or waived."""
    evidence: UUID | None
    """The statement that decided."""
    rule: str | None
    """How it was found: ``reference``, ``registration``, ``context``, ``activity``, ``follows``."""
    by: UUID | None
    """Who did it or waived it."""


class Plan(Struct, frozen=True, kw_only=True):
    """What should follow a completed training, at some moment."""

    learner: UUID
    plan: UUID
    """The statement of the completion that opened it."""
    training: str
    completed: datetime
    completed_on: date
    """The day in the learner's own time zone."""
    completions: list[UUID]
    """Statements of all completions within its life."""
    changed: int
    """Highest position among the statements it rests on."""
    steps: list[Step]
    """In the order they are due."""


class Page(NamedTuple):
    """Plans in the order asked for; ``after`` leads to the next page, None if there is none."""

    plans: list[Plan]
    after: tuple[Any, ...] | None


class _Key(NamedTuple):
    """One of the values that pages are in order of."""

    name: str
    value: SQL
    kind: str


_COMPLETED = _Key("completed", SQL("p.completed"), "timestamptz")
_LEARNER = _Key("learner", SQL("p.learner"), "uuid")
_OF_PLAN = _Key("plan", SQL("p.plan"), "uuid")
_KEYS = {
    Sort.DUE: (
        _Key("due", SQL("s.due"), "timestamptz"),
        _Key("learner", SQL("s.learner"), "uuid"),
        _Key("plan", SQL("s.plan"), "uuid"),
    ),
    Sort.COMPLETED: (_COMPLETED, _LEARNER, _OF_PLAN),
    Sort.TRAINING: (_Key("training", SQL("left(p.training, 500)"), "text"), _COMPLETED, _LEARNER, _OF_PLAN),
    Sort.LEARNER: (_LEARNER, _COMPLETED, _OF_PLAN),
}
_COLUMNS = ("learner", "plan", "training", "completed", "completed_on", "completions", "changed")
_PLAN = SQL(", ").join(Identifier("p", column) for column in _COLUMNS)


def plans(cursor: Cursor[TupleRow], query: Query, now: datetime) -> Page:
    """Give a page of plans that match all filters, each with all its steps.

    Raises ValueError if ``after`` is of another sort.
    """
    values = query.parameters(cursor, now) | {"limit": query.limit + 1}
    cursor.execute(_find(query, values), values)
    rows = cursor.fetchall()
    found = _with_steps(cursor, [row[: len(_COLUMNS)] for row in rows[: query.limit]], now)
    last = rows[query.limit - 1][len(_COLUMNS) :] if len(rows) > query.limit else None
    return Page(found, last)


def plan(cursor: Cursor[TupleRow], learner: UUID, completion: UUID, now: datetime) -> Plan | None:
    """Give a learner's plan by the statement of any completion within its life; None if there is none."""
    cursor.execute(queries.plan.format(plan=_PLAN), {"learner": learner, "plan": completion})
    found = _with_steps(cursor, cursor.fetchall(), now)
    return found[0] if found else None


def _find(query: Query, values: dict[str, Any]) -> Composed:
    keys = _KEYS[query.sort]
    columns = [key.value for key in keys]
    begun: list[Composable] = []
    if query.after is not None:
        if len(query.after) != len(keys):
            raise ValueError(f"a page sorted by {query.sort} begins after {len(keys)} values, not {len(query.after)}")
        values.update({f"after_{key.name}": value for key, value in zip(keys, query.after, strict=True)})
        last = SQL(", ").join(SQL(f"%(after_{key.name})s::{key.kind}") for key in keys)
        comparison = SQL("({}) < ({})" if query.descending else "({}) > ({})")
        begun.append(comparison.format(SQL(", ").join(columns), last))
    direction = SQL(" DESC") if query.descending else SQL("")
    page = {
        "plan": _PLAN,
        "key": SQL(", ").join(columns),
        "order": SQL(", ").join(column + direction for column in columns),
    }
    matches = query.on_steps("s")
    if query.sort is Sort.DUE:
        if query.learners is not None:
            begun.append(SQL("s.learner = ANY(%(learners)s::uuid[])"))
        return queries.plans_by_due.format(
            **page,
            conditions=both(query.on_plans()),
            walked=both(begun),
            matches=both(matches),
            before=SQL(">" if query.descending else "<"),
            other_matches=both(query.on_steps("other")),
        )
    having = [queries.has_step.format(matches=both(matches))] if matches else []
    return queries.plans.format(**page, conditions=both([*begun, *query.on_plans(), *having]))


def _with_steps(cursor: Cursor[TupleRow], rows: Sequence[TupleRow], now: datetime) -> list[Plan]:
    keys = {"learners": [row[0] for row in rows], "plans": [row[1] for row in rows]}
    cursor.execute(queries.steps.format(status=status("s")), {**keys, "now": now})
    steps: dict[tuple[UUID, UUID], list[Step]] = {}
    for learner, plan_, name, status_, *rest in cursor:
        step = Step(**dict(zip(Step.__struct_fields__, (name, Status(status_), *rest), strict=True)))
        steps.setdefault((learner, plan_), []).append(step)
    return [Plan(**dict(zip(_COLUMNS, row, strict=True)), steps=steps.get((row[0], row[1]), [])) for row in rows]
