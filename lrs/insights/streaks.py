"""``/streaks``: the weekly rhythm of learners."""

from datetime import date
from typing import Annotated, Any, get_args
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from lrs.documentation import NUMBER, Field
from lrs.insights.answer import Named
from lrs.insights.filters import CHANGED_SINCE, PERSON, TEAM
from lrs.insights.question import Question
from lrs.insights.reading import Found, Reading
from projections.streaks import read

_PROJECTION = ("streaks",)
_LARGEST = 2**31 - 1
_STANDINGS = get_args(read.Standing)
_SORTS = {"current": "weeks in the current streak", "longest": "weeks in the longest", "learner": "the person's id"}


class Streak(Struct, frozen=True, kw_only=True):
    """How somebody stands."""

    person: Named
    standing: read.Standing
    current: Annotated[int, Meta(description="Weeks")]
    longest: Annotated[int, Meta(description="Weeks")]
    began: Annotated[date | None, Meta(description="Monday of the first week of the current streak")]
    latest: Annotated[date | None, Meta(description="Monday of the latest active week")]
    ends: Annotated[
        date | None, Meta(description="Monday of the week in which it will be broken if nothing more is learnt")
    ]
    repair: Annotated[int, Meta(description="So many more acts this week repair the streak that broke; 0: none do")]
    lost: Annotated[int, Meta(description="Weeks of the streak that they would repair")]
    evidence: Annotated[list[UUID], Meta(description="A statement of each week of the current streak, oldest first")]
    changed: Annotated[int, Meta(description="Highest position among the statements it rests on; 0: none")]


class StreakDetail(Struct, frozen=True, kw_only=True):
    """How somebody stands, and why."""

    streak: Streak
    longest: read.Run | None
    zone: Annotated[str, Meta(description="IANA name of the time zone they are in")]
    weeks: Annotated[tuple[read.Week, ...], Meta(description="Up to 52, oldest first, up to this week")]


def _list(question: Question) -> Found:
    asked = question.asked
    least = min(asked.position("least") or 0, _LARGEST)
    changed_since = asked.position("changed_since")
    standing = asked.choice("standing", _STANDINGS)
    learners = question.subjects()
    if (team := question.team()) is not None:
        members = question.members(team)
        learners = sorted(members if learners is None else members.intersection(learners))
    question.travel("streaks", learners)
    sort: Any = asked.sort.removeprefix("-")
    query = read.Query(
        learners=None if learners is None else sorted(question.persons(learners)),
        standings=None if standing is None else [standing],  # type: ignore[list-item]
        least=least,
        changed_since=-1 if changed_since is None else changed_since,
        sort=sort,
        descending=asked.sort.startswith("-"),
        after=question.after,
        limit=asked.limit + 1,
    )
    found = read.streaks(question.cursor, query, question.now)
    page = found[: asked.limit]
    named = question.named(streak.learner for streak in page)
    question.given.update(streak.learner for streak in page)
    after = read.place(page[-1], query.sort) if len(found) > asked.limit else None
    return Found([_streak(streak, named[streak.learner]) for streak in page], after)


def _one(question: Question) -> StreakDetail | None:
    person = question.person()
    question.travel("streaks", question.ids_of(person))
    found = read.detail(question.cursor, person, question.now)
    if found is None:
        return None
    question.given.add(person)
    streak = _streak(found.streak, question.named([person])[person])
    return StreakDetail(streak=streak, longest=found.longest, zone=found.zone, weeks=found.weeks)


def _streak(found: read.Streak, person: Named) -> Streak:
    known = {name: value for name, value in msgspec.structs.asdict(found).items() if name != "learner"}
    return Streak(**{**known, "person": person, "evidence": list(found.evidence)})


LIST = Reading(
    name="streaks",
    path="/streaks",
    summary="List streaks",
    description=(
        "The weekly rhythm of people who are employed, and of learners whom the organisation doesn't know: the current "
        "streak, the longest, whether it is at risk. A team's people are those of today, with the teams below it."
    ),
    item=Streak,
    read=_list,
    projections=_PROJECTION,
    fields={
        "person": PERSON,
        "team": TEAM,
        "standing": Field("How somebody stands.", choices=_STANDINGS),
        "least": Field("Only current streaks of at least so many weeks.", NUMBER),
        "changed_since": CHANGED_SINCE,
    },
    sorts=_SORTS,
    usual="-current",
    example={
        "person": {"id": "827938e5-959e-4f4a-b77b-5dbd342ee334", "name": "Ann de Vries"},
        "standing": "at risk",
        "current": 2,
        "longest": 11,
        "began": "2026-02-16",
        "latest": "2026-02-23",
        "ends": "2026-03-09",
        "repair": 0,
        "lost": 0,
        "evidence": ["54ff3942-6bd4-4415-9308-1ae596ec5372", "d593b42d-2071-4ff5-ac70-23797214b056"],
        "changed": 1042,
    },
)
ONE = Reading(
    name="streak",
    path="/streaks/{person:uuid}",
    summary="Show a streak",
    description="How somebody stands, with their last 52 weeks and the statements that made each of them.",
    item=StreakDetail,
    read=_one,
    many=False,
    projections=_PROJECTION,
)
