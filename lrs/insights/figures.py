"""Figures of groups: ``/follow-ups/figures`` and ``/streaks/figures``. Which are shown is decided by ``withheld``."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated, Final, NamedTuple, TypeVar
from uuid import UUID

from msgspec import Meta, Struct

from lrs import sql
from lrs.documentation import Field
from lrs.insights.filters import MANAGER, TEAM
from lrs.insights.question import Question
from lrs.insights.reading import Found, Reading, sliced
from lrs.insights.withheld import EVERYBODY, Cell, Part, shown
from lrs.problem import Problem
from projections.follow_up import read as follow_up
from projections.streaks import read as streaks

T = TypeVar("T")
_queries = sql.load(__package__)
_BY: Final = ("training", "team", "manager")
_WITHHELD: Final = "Whether the figures are withheld, because they could tell about fewer people than the policy allows"
_EVIDENCE: Final = "The list that the figures rest on, for who may see persons; add step and status"


class GroupFollowUps(Struct, frozen=True, kw_only=True):
    """What a group did with its plans."""

    group: Annotated[str, Meta(description="Training's IRI, team's or manager's id; empty: who had no team or manager")]
    withheld: Annotated[bool, Meta(description=_WITHHELD)]
    plans: int | None
    people: int | None
    figures: list[follow_up.Figure]
    stages: Annotated[
        list[follow_up.Stage], Meta(description="The funnel: plans that came so far, each counted by itself")
    ]
    evidence: Annotated[str, Meta(description=_EVIDENCE)]


class FollowUpLine(Struct, frozen=True, kw_only=True):
    """A figure, as a line of CSV."""

    group: str
    withheld: bool
    step: str | None = None
    status: str | None = None
    plans: int | None = None
    people: int | None = None


class GroupStreaks(Struct, frozen=True, kw_only=True):
    """How many people of a group stand where."""

    team: Annotated[str | None, Meta(description="Its id; null: everybody you see")]
    withheld: Annotated[bool, Meta(description=_WITHHELD)]
    figures: streaks.StreakFigures | None
    evidence: Annotated[str, Meta(description=_EVIDENCE)]


class _Filters(NamedTuple):
    """Which figures of follow-up."""

    by: str
    team: str | None
    manager: UUID | None
    training: str | None

    def cell(self, group: str) -> Cell:
        """Give what the figure of a group is about."""
        if self.by != "training":
            return Cell(f"{self.by} {group}", self.training)
        if self.team is not None:
            return Cell(f"team {self.team}", group)
        return Cell(EVERYBODY if self.manager is None else f"manager {self.manager}", group)

    def list_of(self, group: str) -> dict[str, str]:
        """Give the filters of the list that the figure of a group rests on."""
        given = {"team": self.team, "manager": self.manager, "training": self.training, self.by: group}
        return {name: str(value) for name, value in given.items() if value}


def _filters(question: Question) -> _Filters:
    asked = question.asked
    by = asked.choice("by", _BY) or "training"
    found = _Filters(by, question.team(), question.manager(), asked.text("training"))
    given = {"team": found.team, "manager": found.manager, "training": found.training}
    others = [name for name, value in given.items() if value is not None and name != by]
    # It is known what is told by differences between these groups, and not between others.
    if len(others) > 1 or (by != "training" and others not in ([], ["training"])):
        allowed = "team or manager, one of them" if by == "training" else f"training and {by}"
        raise Problem(400, f"figures by {by} take no other filters than {allowed}")
    return found


def _follow_ups(question: Question) -> Found:
    filters = _filters(question)
    learners = question.everybody()
    question.travel("follow_up", learners)
    cells = shown(_follow_up_parts(question, learners), question.policy.smallest_group)
    hushed = question.hushed("team", "manager", "training")
    counted = (one for one in _counts(question, filters, learners) if not hushed or filters.cell(one.group) in cells)
    found = list(islice(counted, question.asked.limit + 1))
    page = found[: question.asked.limit]
    items = [
        _follow_up_figures(
            count, question.address(filters.list_of(count.group)), seen=filters.cell(count.group) in cells
        )
        for count in page
    ]
    return Found(items, (page[-1].group,) if len(found) > len(page) else None)


def _counts(question: Question, filters: _Filters, learners: Sequence[UUID] | None) -> Iterator[follow_up.Count]:
    """Give the counts of all groups from where the page begins, as far as they are wanted."""
    after = question.after[0] if question.after else None
    matching = follow_up.Filters(
        learners=learners,
        teams=question.teams() if filters.by == "team" and filters.team is None else _only(filters.team),
        managers=learners if filters.by == "manager" and filters.manager is None else _only(filters.manager),
        training=filters.training,
    )
    by = follow_up.By(filters.by)
    while True:
        limit = question.asked.limit + 1
        page = follow_up.counts(question.cursor, matching, by, question.now, after=after, limit=limit)
        yield from page.groups
        if (after := page.after) is None:
            return


def _only(value: T | None) -> list[T] | None:
    return None if value is None else [value]


def _follow_up_parts(question: Question, learners: Sequence[UUID] | None) -> Iterator[Part]:
    sight = question.sight
    rows = question.cursor.execute(_queries.follow_up_parts, {"learners": None if learners is None else list(learners)})
    for person, training, teams, managers in rows.fetchall():
        groups = [EVERYBODY]
        groups += [f"team {team}" for team in teams or [""] if sight.asks_about(team)]
        groups += [f"manager {manager}" for manager in managers if sight.sees(UUID(manager))]
        if not managers and sight.people is None:
            groups.append("manager ")
        yield Part(person, groups, training)


def _follow_up_figures(count: follow_up.Count, evidence: str, *, seen: bool) -> GroupFollowUps:
    return GroupFollowUps(
        group=count.group,
        withheld=not seen,
        plans=count.plans if seen else None,
        people=count.people if seen else None,
        figures=count.figures if seen else [],
        stages=count.stages if seen else [],
        evidence=evidence,
    )


def _follow_up_lines(item: GroupFollowUps) -> Iterator[FollowUpLine]:
    yield FollowUpLine(group=item.group, withheld=item.withheld, plans=item.plans, people=item.people)
    for one in item.figures:
        yield FollowUpLine(
            group=item.group, withheld=False, step=one.step, status=one.status, plans=one.plans, people=one.people
        )


def _streaks(question: Question) -> Found:
    seen = question.everybody()
    question.travel("streaks", seen)
    persons = None if seen is None else sorted(question.persons(seen))
    cells = shown(_streak_parts(question, persons), question.policy.smallest_group)
    team = question.team()
    found: list[tuple[str | None, streaks.StreakFigures]] = [
        (one.team, one.figures)
        for one in streaks.team_figures(question.cursor, _only(team) or question.teams(), persons, question.now)
    ]
    if team is None:
        found.insert(0, (None, streaks.figures(question.cursor, persons, question.now)))
    if question.hushed("team"):
        found = [(name, figures) for name, figures in found if _group(name) in cells]
    return sliced(
        question,
        [
            GroupStreaks(
                team=name,
                withheld=_group(name) not in cells,
                figures=figures if _group(name) in cells else None,
                evidence=question.address({} if name is None else {"team": name}),
            )
            for name, figures in found
        ],
    )


def _group(team: str | None) -> Cell:
    return Cell(EVERYBODY if team is None else f"team {team}")


def _streak_parts(question: Question, persons: Sequence[UUID] | None) -> Iterator[Part]:
    parameters = {
        "learners": None if persons is None else list(persons),
        "day": question.today,
        "now": question.now,
    }
    left = set(persons or ())
    for person, counted, teams in question.cursor.execute(_queries.streak_parts, parameters).fetchall():
        left.discard(person)
        groups = [f"team {team}" for team in teams if question.sight.asks_about(team)]
        yield Part(person, [EVERYBODY, *groups] if counted or persons is not None else groups)
    # Who is asked for counts, whether or not they are employed or ever did anything.
    for person in left:
        yield Part(person, [EVERYBODY])


FOLLOW_UPS = Reading(
    name="follow-up-figures",
    path="/follow-ups/figures",
    summary="Count follow-ups",
    description=(
        "Plans and people by step and status, and how far plans came, by training, team or manager: those of the day "
        "a training was completed. By training they can be had of a team or a manager, by team and by manager of one "
        "training. Figures that could tell about fewer people than the policy's `smallest_group`, also by their "
        "difference from others, are withheld; with a team, a manager, a training or `as_of`, such groups are left out."
    ),
    item=GroupFollowUps,
    read=_follow_ups,
    about="figures",
    projections=("follow_up",),
    fields={
        "by": Field("What figures are by; training if left out.", choices=_BY),
        "team": TEAM,
        "manager": MANAGER,
        "training": Field("IRI of the training."),
    },
    line=FollowUpLine,
    lines=_follow_up_lines,
    example={
        "group": "https://example.org/courses/safety",
        "withheld": False,
        "plans": 24,
        "people": 21,
        "figures": [{"step": "reflect", "status": "overdue", "plans": 6, "people": 5}],
        "stages": [{"name": "reflect", "plans": 18, "people": 17}],
        "evidence": "/insights/v1/follow-ups?training=https%3A%2F%2Fexample.org%2Fcourses%2Fsafety",
    },
)
STREAKS = Reading(
    name="streak-figures",
    path="/streaks/figures",
    summary="Count streaks",
    description=(
        "How many people's streaks are running, at risk or broken: of everybody you see, and of each team with those "
        "below it. Figures that could tell about fewer people than the policy's `smallest_group`, also by their "
        "difference from others, are withheld; with a team or `as_of`, such groups are left out."
    ),
    item=GroupStreaks,
    read=_streaks,
    about="figures",
    projections=("streaks",),
    fields={"team": TEAM},
    example={
        "team": "sales",
        "withheld": False,
        "figures": {"people": 9, "running": 6, "at_risk": 2, "broken": 1, "none": 0, "median": 4.0},
        "evidence": "/insights/v1/streaks?team=sales",
    },
)
