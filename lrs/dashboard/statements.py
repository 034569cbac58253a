"""The statement browser: statements by filters; one as stored, what it was taken to mean, which figures it feeds."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from msgspec import json

from lrs.dashboard.dashboard import Shown, View
from lrs.dashboard.people import of
from lrs.dashboard.visitor import Visitor
from lrs.insights import evidence, follow_ups, managers, streaks
from lrs.insights.activities import names_of
from lrs.insights.answer import Named
from lrs.insights.evidence import Evidence
from lrs.insights.reading import Found
from lrs.insights.snapshot import Snapshot
from lrs.insights.statements import KINDS, LIST, Said
from lrs.problem import Problem


class Feeds(NamedTuple):
    """A figure that a statement is part of."""

    figure: str
    """follow-up, rhythm, example or check-in."""
    person: Named
    step: str = ""
    training: str = ""
    plan: UUID | None = None
    week: date | None = None


def browse(snapshot: Snapshot, visitor: Visitor, found: Found) -> Shown:
    """Show statements, those that filters in the address ask for."""
    said: Sequence[Said] = found.items
    names = names_of(snapshot, (one.object for one in said))
    return Shown(
        "statements.html", {"said": said, "names": names, "choices": KINDS, "all": visitor.caller.opens_evidence}
    )


def one(statement: UUID) -> View:
    """Show a statement."""

    def show(snapshot: Snapshot, _: Visitor) -> Shown:
        found: Evidence | None = snapshot.item(evidence.ONE, statement=statement)
        if found is None:
            raise Problem(404, "there is no such statement, or it isn't yours to open")
        (said,) = of(snapshot, [statement])
        feeds = [] if found.voided else list(_feeds(snapshot, statement))
        return Shown(
            "statement.html",
            {
                "found": found,
                "said": said,
                "text": json.format(bytes(found.statement), indent=2).decode(),
                "feeds": feeds,
                "names": names_of(snapshot, [said.object, *(one.training for one in feeds)]),
            },
        )

    return show


def _feeds(snapshot: Snapshot, statement: UUID) -> Iterator[Feeds]:
    """Give the figures that name a statement as what they rest on, of persons that it mentions and the caller sees."""
    (message,) = snapshot.store.log.of(snapshot.rows, [statement], 2**63 - 1)
    question = snapshot.question(LIST)
    mentioned = [message.learner, *message.people] if message.learner else message.people
    persons = dict.fromkeys(question.person_of(mentioned).values())
    for person in filter(snapshot.sight().sees, persons):
        yield from _follow_ups(snapshot, statement, person)
        yield from _rhythm(snapshot, statement, person)
        yield from _managing(snapshot, statement, person)


def _follow_ups(snapshot: Snapshot, statement: UUID, person: UUID) -> Iterator[Feeds]:
    for plan in snapshot.items(follow_ups.LIST, person=person):
        steps = ["completed"] if statement in plan.completions else []
        steps += [step.name for step in plan.steps if step.evidence == statement]
        yield from (Feeds("follow-up", plan.person, step, plan.training, plan.plan) for step in steps)


def _rhythm(snapshot: Snapshot, statement: UUID, person: UUID) -> Iterator[Feeds]:
    if (detail := snapshot.item(streaks.ONE, person=person)) is not None:
        weeks = [week.week for week in detail.weeks if statement in week.evidence]
        yield from (Feeds("rhythm", detail.streak.person, week=week) for week in weeks)


def _managing(snapshot: Snapshot, statement: UUID, person: UUID) -> Iterator[Feeds]:
    if (detail := snapshot.item(managers.ONE, person=person)) is not None:
        manager = detail.manager.person
        yield from (Feeds("example", manager) for act in detail.acts if act.statement == statement)
        asked = [one.training for one in detail.check_ins if one.statement == statement]
        yield from (Feeds("check-in", manager, training=training) for training in asked)
