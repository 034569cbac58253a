"""Counts plans and people by step and status: per learner, training, team or manager."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composable

from projections.follow_up.filters import Filters, Status, both, is_any, queries, status


class By(StrEnum):
    """What counts are per. Teams and managers are those on the day of the completion."""

    LEARNER = "learner"
    TRAINING = "training"
    TEAM = "team"
    MANAGER = "manager"


class Figure(Struct, frozen=True):
    """Plans whose step has this status."""

    step: str
    status: Status
    plans: int
    people: int
    """Distinct learners behind the figure."""


class Stage(Struct, frozen=True):
    """Plans that came this far: with a step of this name done, in time or late."""

    name: str
    """A step's name; ``repeat`` for any of ``repeat-7``, ``repeat-30``, …"""
    plans: int
    people: int


class Count(Struct, frozen=True):
    """What a group did with its plans."""

    group: str
    """Learner's or manager's id, training's IRI, team's id; empty for who had no team or manager."""
    plans: int
    people: int
    figures: list[Figure]
    """In the policy's order of steps."""
    stages: list[Stage]
    """The funnel, in the policy's order; each is counted by itself, so that a later one can be larger."""


class Counts(NamedTuple):
    """Groups in order of their names; ``after`` leads to the next page, None if there is none."""

    groups: list[Count]
    after: str | None


_GROUPS: dict[By, tuple[SQL, SQL]] = {
    By.LEARNER: (SQL("p.learner::text"), SQL("")),
    By.TRAINING: (SQL("p.training"), SQL("")),
    By.TEAM: (SQL("m.team"), queries.by_team),
    By.MANAGER: (SQL("g.manager::text"), queries.by_manager),
}


def counts(
    cursor: Cursor[TupleRow], filters: Filters, by: By, now: datetime, *, after: str | None = None, limit: int = 100
) -> Counts:
    """Give counts of the plans that match, and of those of their steps that match.

    Someone in several teams counts in each: groups don't add up to a total.
    """
    group, grouping = _GROUPS[by]
    matches = filters.on_steps("s")
    conditions = [*filters.on_plans(), *_of_groups(filters, by)]
    if matches:
        conditions.append(queries.has_step.format(matches=both(matches)))
    grouped = queries.grouped.format(group=group, grouping=grouping, conditions=both(conditions))
    values = filters.parameters(cursor, now)

    cursor.execute(queries.groups.format(grouped=grouped), {**values, "after": after, "limit": limit + 1})
    groups = cursor.fetchall()
    page = {name: Count(name, plans, people, [], []) for name, plans, people in groups[:limit]}
    values["groups"] = list(page)

    cursor.execute(queries.figures.format(grouped=grouped, matches=both(matches), status=status("s")), values)
    for name, step, status_, plans, people in cursor:
        page[name].figures.append(Figure(step, Status(status_), plans, people))

    done = is_any((Status.DONE, Status.DONE_LATE), "s")
    cursor.execute(queries.stages.format(grouped=grouped, done=done), values)
    for name, stage, plans, people in cursor:
        page[name].stages.append(Stage(stage, plans, people))
    return Counts(list(page.values()), groups[limit - 1][0] if len(groups) > limit else None)


def _of_groups(filters: Filters, by: By) -> list[Composable]:
    # Who was in a team that is asked for may have been in others as well: those aren't asked for.
    if by is By.TEAM and filters.teams is not None:
        return [SQL("m.team = ANY(%(teams)s::text[])")]
    if by is By.MANAGER and filters.managers is not None:
        return [SQL("g.manager = ANY(%(managers)s::uuid[])")]
    return []
