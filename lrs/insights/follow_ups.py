"""``/follow-ups``: what should follow each completed training, and whether it does."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.openapi.spec import OpenAPIFormat
from msgspec import Meta, Struct

from lrs.documentation import Field
from lrs.insights.answer import Named
from lrs.insights.filters import CHANGED_SINCE, MANAGER, PERSON, TEAM
from lrs.insights.question import Question
from lrs.insights.reading import Found, Reading
from projections.follow_up import read

_PROJECTION = ("follow_up",)
_STATUSES = [status.value for status in read.Status]


class Step(Struct, frozen=True, kw_only=True):
    """A step of a plan."""

    name: str
    status: read.Status
    opens: datetime
    due: datetime
    due_on: date
    lapses: datetime
    decided: Annotated[datetime | None, Meta(description="When it was done or waived")]
    evidence: Annotated[UUID | None, Meta(description="The statement that decided")]
    rule: Annotated[
        str | None, Meta(description="How it was found: reference, registration, context, activity, follows")
    ]
    by: Annotated[Named | None, Meta(description="Who did it or waived it")]


class FollowUp(Struct, frozen=True, kw_only=True):
    """What should follow a training that somebody completed."""

    person: Named
    plan: Annotated[UUID, Meta(description="The statement of the completion that opened it")]
    training: str
    completed: datetime
    completed_on: Annotated[date, Meta(description="The day in their own time zone")]
    completions: Annotated[list[UUID], Meta(description="Statements of all completions within its life")]
    changed: Annotated[int, Meta(description="Highest position among the statements it rests on")]
    steps: list[Step]


class Line(Struct, frozen=True, kw_only=True):
    """A step, as a line of CSV."""

    person: Named
    plan: UUID
    training: str
    completed: datetime
    completed_on: date
    completions: list[UUID]
    changed: int
    step: Step


def _list(question: Question) -> Found:
    asked = question.asked
    training, step = asked.text("training"), asked.text("step")
    status = asked.choice("status", _STATUSES)
    learners = question.subjects()
    team, manager = question.team(), question.manager()
    query = read.Query(
        learners=learners,
        teams=None if team is None else [team],
        managers=None if manager is None else [manager],
        training=training,
        changed_since=asked.position("changed_since"),
        steps=None if step is None else [step],
        statuses=None if status is None else [read.Status(status)],
        due_after=asked.moment("due_after"),
        due_before=asked.moment("due_before"),
        sort=read.Sort(asked.sort.removeprefix("-")),
        descending=asked.sort.startswith("-"),
        after=question.after,
        limit=asked.limit,
    )
    question.travel("follow_up", learners)
    page = read.plans(question.cursor, query, question.now)
    return Found(_with_names(question, page.plans), page.after)


def _one(question: Question) -> FollowUp | None:
    person = question.person()
    question.travel("follow_up", question.ids_of(person))
    found = read.plan(question.cursor, person, question.path["plan"], question.now)
    return None if found is None else _with_names(question, [found])[0]


def _with_names(question: Question, plans: list[read.Plan]) -> list[FollowUp]:
    people = {plan.learner for plan in plans}
    people |= {step.by for plan in plans for step in plan.steps if step.by is not None}
    named = question.named(people)
    question.given.update(plan.learner for plan in plans)
    return [
        FollowUp(
            person=named[plan.learner],
            plan=plan.plan,
            training=plan.training,
            completed=plan.completed,
            completed_on=plan.completed_on,
            completions=plan.completions,
            changed=plan.changed,
            steps=[
                Step(**{**msgspec.structs.asdict(step), "by": None if step.by is None else named[step.by]})
                for step in plan.steps
            ],
        )
        for plan in plans
    ]


def _lines(plan: FollowUp) -> Iterator[Line]:
    known = {name: value for name, value in msgspec.structs.asdict(plan).items() if name != "steps"}
    yield from (Line(**known, step=step) for step in plan.steps)


_EXAMPLE = {
    "person": {"id": "827938e5-959e-4f4a-b77b-5dbd342ee334", "name": "Ann de Vries"},
    "plan": "d593b42d-2071-4ff5-ac70-23797214b056",
    "training": "https://example.org/courses/safety",
    "completed": "2026-02-16T09:30:00Z",
    "completed_on": "2026-02-16",
    "completions": ["d593b42d-2071-4ff5-ac70-23797214b056"],
    "changed": 1042,
    "steps": [
        {
            "name": "reflect",
            "status": "done",
            "opens": "2026-02-16T09:30:00Z",
            "due": "2026-02-23T23:00:00Z",
            "due_on": "2026-02-23",
            "lapses": "2026-05-24T22:00:00Z",
            "decided": "2026-02-18T15:00:00Z",
            "evidence": "54ff3942-6bd4-4415-9308-1ae596ec5372",
            "rule": "registration",
            "by": {"id": "827938e5-959e-4f4a-b77b-5dbd342ee334", "name": "Ann de Vries"},
        }
    ],
}
LIST = Reading(
    name="follow-ups",
    path="/follow-ups",
    summary="List follow-ups",
    description=(
        "What should follow each completed training: a plan with its steps, each with status, due date and statement "
        "that decided. With filters on steps, plans with a step that matches all of them. As CSV, a line a step. "
        "Team and manager are those of the day the training was completed."
    ),
    item=FollowUp,
    read=_list,
    projections=_PROJECTION,
    fields={
        "person": PERSON,
        "team": TEAM,
        "manager": MANAGER,
        "training": Field("IRI of the training."),
        "step": Field("Name of a step: reflect, share, check-in, apply, repeat-7, …"),
        "status": Field("Status of a step.", choices=_STATUSES),
        "due_after": Field("Steps due after this moment.", format=OpenAPIFormat.DATE_TIME),
        "due_before": Field("Steps due at or before this moment.", format=OpenAPIFormat.DATE_TIME),
        "changed_since": CHANGED_SINCE,
    },
    sorts={
        "completed": "when the training was completed",
        "due": "the due date of the first step that matches",
        "training": "the training's IRI, then completion",
        "learner": "the person's id, then completion",
    },
    usual="-completed",
    line=Line,
    lines=_lines,
    example=_EXAMPLE,
)
ONE = Reading(
    name="follow-up",
    path="/follow-ups/{person:uuid}/{plan:uuid}",
    summary="Show a follow-up",
    description="One plan, by the person and the statement of any completion within its life.",
    item=FollowUp,
    read=_one,
    many=False,
    projections=_PROJECTION,
    example=_EXAMPLE,
)
