"""``/managers``: whether managers give the example."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from lrs import sql
from lrs.documentation import Field
from lrs.insights.answer import Named
from lrs.insights.filters import CHANGED_SINCE, TEAM
from lrs.insights.question import Question
from lrs.insights.reading import Found, Reading, sliced
from lrs.insights.withheld import EVERYBODY, Cell, Part, shown
from projections.manager_visibility import read

_queries = sql.load(__package__)
_PROJECTION = ("manager_visibility",)
_STATUSES = [status.value for status in read.Status]


class Manager(Struct, frozen=True, kw_only=True):
    """A manager's figures, as all teams they managed could see, or for one team alone."""

    person: Named
    teams: Annotated[tuple[str, ...], Meta(description="Those they manage today; or the one")]
    status: read.Status
    last: Annotated[read.Act | None, Meta(description="The last one that teams could see, however long ago")]
    recent: Annotated[read.Acts, Meta(description="Within the policy's visible_days")]
    longer: Annotated[read.Acts, Meta(description="Within the policy's fading_days")]
    check_ins: read.CheckIns
    rhythm: Annotated[read.Rhythm, Meta(description="The team's median is withheld (null) if it is of too few people")]
    changed: int


class CheckIn(Struct, frozen=True, kw_only=True):
    """A check-in that a report's completed training asks of a manager."""

    person: Annotated[Named, Meta(description="With whom")]
    completion: UUID
    training: str
    completed: datetime
    due: datetime
    status: read.CheckInStatus
    statement: Annotated[UUID | None, Meta(description="The check-in or waiver that decided")]
    at: datetime | None
    rule: str | None
    by: Named | None
    teams: tuple[str, ...]
    changed: int


class ManagerDetail(Struct, frozen=True, kw_only=True):
    """A manager's figures and all that they rest on."""

    manager: Manager
    by_team: list[Manager]
    acts: tuple[read.Act, ...]
    check_ins: Annotated[list[CheckIn], Meta(description="With people you see; the figures count the others too")]
    weeks: tuple[read.Week, ...]
    managers: Annotated[list[Named], Meta(description="Who manages the manager today")]


class ManagerFigures(Struct, frozen=True, kw_only=True):
    """How many managers stand where."""

    team: Annotated[str | None, Meta(description="Its id, with the teams below it; null: the organisation")]
    withheld: Annotated[bool, Meta(description="Whether the figures could tell about too few managers")]
    figures: read.Shares | None
    evidence: Annotated[str, Meta(description="The list that the figures rest on, for who may see persons")]


def _list(question: Question) -> Found:
    asked = question.asked
    status = asked.choice("status", _STATUSES)
    managers = question.subjects()
    team = question.team()
    _travel(question, managers)
    query = read.Query(
        managers=managers,
        team=team,
        status=None if status is None else read.Status(status),
        changed_since=asked.position("changed_since"),
        sort=read.Sort(asked.sort.removeprefix("-")),
        descending=asked.sort.startswith("-"),
        after=question.after,
        limit=asked.limit,
    )
    page = read.managers(question.cursor, query, question.now)
    named = question.named(one.manager for one in page.managers)
    question.given.update(one.manager for one in page.managers)
    return Found([_manager(question, one, named) for one in page.managers], page.after)


def _one(question: Question) -> ManagerDetail | None:
    manager = question.person()
    _travel(question, question.ids_of(manager))
    found = read.detail(question.cursor, manager, question.now)
    if found is None:
        return None
    check_ins = [one for one in found.check_ins if question.sight.sees(one.learner)]
    people = {manager, *found.managers, *(one.learner for one in check_ins)}
    named = question.named(people | {one.by for one in check_ins if one.by is not None})
    question.given.update([manager, *(one.learner for one in check_ins)])
    whole = found.manager.rhythm.people
    return ManagerDetail(
        manager=_manager(question, found.manager, named),
        by_team=[_manager(question, one, named, whole=whole) for one in found.by_team],
        acts=found.acts,
        check_ins=[
            CheckIn(
                person=named[one.learner],
                by=None if one.by is None else named[one.by],
                **_without(one, "learner", "by"),
            )
            for one in check_ins
        ],
        weeks=found.weeks,
        managers=[named[person] for person in found.managers],
    )


def _figures(question: Question) -> Found:
    rows = question.cursor.execute(_queries.manager_parts, {"day": question.today}).fetchall()
    question.travel("manager_visibility", [person for person, _ in rows])
    cells = shown(
        (Part(person, [EVERYBODY, *(f"team {team}" for team in teams)]) for person, teams in rows),
        question.policy.smallest_group,
    )
    team = question.team()
    teams: list[str | None] = sorted({team for _, below in rows for team in below if question.sight.asks_about(team)})
    if question.sight.teams is None:
        teams.insert(0, None)
    wanted = teams if team is None else [team]
    if question.hushed("team"):
        wanted = [one for one in wanted if _group(one) in cells]
    page = sliced(question, wanted)
    return Found([_shares(question, one, cells) for one in page.items], page.after)


def _shares(question: Question, team: str | None, cells: frozenset[Cell]) -> ManagerFigures:
    figures: read.Shares | None = None
    if _group(team) in cells:
        if team is None:
            figures = read.organisation(question.cursor, question.now)
        elif (report := read.team(question.cursor, team, question.now)) is not None:
            figures = report.below
    return ManagerFigures(
        team=team,
        withheld=figures is None,
        figures=figures,
        evidence=question.address({} if team is None else {"team": team}),
    )


def _group(team: str | None) -> Cell:
    return Cell(EVERYBODY if team is None else f"team {team}")


def _travel(question: Question, managers: Iterable[UUID] | None) -> None:
    """Go to the moment with these managers and all they ever managed, whose rows say what was asked of whom."""
    if question.moment.live:
        return
    learners = None
    if managers is not None:
        ids = {"managers": list(managers)}
        learners = [person for (person,) in question.cursor.execute(_queries.concerned_by, ids)]
    question.travel("manager_visibility", learners)


def _manager(question: Question, found: read.Manager, named: dict[UUID, Named], *, whole: int | None = None) -> Manager:
    return Manager(
        person=named[found.manager],
        rhythm=_rhythm(found.rhythm, question.policy.smallest_group, whole),
        **_without(found, "manager", "rhythm"),
    )


def _rhythm(found: read.Rhythm, smallest: int, whole: int | None) -> read.Rhythm:
    """Withhold the median of few people, and that of a team if the manager's others are few."""
    others = 0 if whole is None else whole - found.people
    if found.people >= smallest and not 0 < others < smallest:
        return found
    return msgspec.structs.replace(found, team_median=None)


def _without(found: Struct, *names: str) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(found).items() if name not in names}


LIST = Reading(
    name="managers",
    path="/managers",
    summary="List managers",
    description=(
        "Who manages a team today, and whether they visibly learn: the last act a team of theirs could see, shares, "
        "reflections and coaching, check-ins due and done, and their own weeks against the team's median."
    ),
    item=Manager,
    read=_list,
    projections=_PROJECTION,
    fields={
        "person": Field("A manager's id; only somebody you may see."),
        "team": TEAM,
        "status": Field("How visibly they learn.", choices=_STATUSES),
        "changed_since": CHANGED_SINCE,
    },
    sorts={
        "status": "invisible, fading, visible",
        "last": "when teams last could see an act, never first",
        "overdue": "how many check-ins are overdue",
    },
    usual="status",
)
ONE = Reading(
    name="manager",
    path="/managers/{person:uuid}",
    summary="Show a manager",
    description="A manager's figures, as a whole and by team, and the statements that they rest on.",
    item=ManagerDetail,
    read=_one,
    many=False,
    projections=_PROJECTION,
)
FIGURES = Reading(
    name="manager-figures",
    path="/managers/figures",
    summary="Count managers",
    description=(
        "How many managers are visible, fading and invisible: in the organisation, and in each team with those below. "
        "Figures of fewer managers than the policy's `smallest_group`, also by difference, are withheld; with a team "
        "or `as_of`, such teams are left out."
    ),
    item=ManagerFigures,
    read=_figures,
    about="figures",
    projections=_PROJECTION,
    fields={"team": TEAM},
    example={
        "team": "sales",
        "withheld": False,
        "figures": {"managers": 7, "visible": 3, "fading": 2, "invisible": 2},
        "evidence": "/insights/v1/managers?team=sales",
    },
)
