"""Steps of a plan: when they open and are due, and what decided them.

Of the acts that belong to the plan, a step takes one of its kinds done between its opening and its lapse: one done in
time before one done late, then by the strongest rule, then the earliest. Steps choose in the order they are due.

- An act counts for one step of a plan, the earliest that it fits.
- Steps of the same kinds are spaced: one day's acts count for one of them, else one evening of practice would be the
  repetitions of three months.
- Acts of others count for steps ``by_manager``.
- A waiver is an act of somebody else; it is for the steps it names, or for all that aren't done if it names none.
  Doing a step in time counts whatever was waived; after that what came first decides.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from projections.follow_up.days import Days
from projections.follow_up.evidence import Match
from projections.follow_up.plan import Plan
from schemas.act import ActKind
from schemas.policy import StepRule


class Window(NamedTuple):
    """When a step can be done."""

    opens: datetime
    """Acts count from this moment."""
    soon: datetime
    """It shows as due from this moment."""
    due: datetime
    """The end of ``due_on``; what is done before it is in time."""
    due_on: date
    lapses: datetime
    """Acts count up to this moment."""


class Step(NamedTuple):
    """A step and what decided it."""

    place: int
    """In the policy's list, from 0."""
    name: str
    window: Window
    match: Match | None
    """The act that decided."""


def decide(plan: Plan, rules: Sequence[StepRule], matches: Sequence[Match], days: Days) -> Iterator[Step]:
    """Give the steps of a plan in the order they are due; ``matches`` are its acts in order of time."""
    acts = [match for match in matches if match.act.kind is not ActKind.WAIVED]
    waivers = [match for match in matches if match.act.kind is ActKind.WAIVED]
    used: set[int] = set()
    practised: set[tuple[tuple[ActKind, ...], date]] = set()
    for place, rule in sorted(enumerate(rules), key=lambda item: item[1].days):
        window = _window(plan, rule, days)
        fitting = [
            match
            for match in acts
            if match.act.kind in rule.kinds
            and window.opens <= match.act.at <= window.lapses
            and (match.act.by is None or rule.by_manager)
            and match.act.position not in used
            and (not practised or (rule.kinds, days.of(match.act.at)) not in practised)
        ]
        done = None
        if fitting:
            done = min(fitting, key=lambda match: (match.act.at >= window.due, match.rule))
            used.add(done.act.position)
            practised.add((rule.kinds, days.of(done.act.at)))
        waived = next((match for match in waivers if _waives(match, rule, window)), None)
        yield Step(place, rule.name, window, _first(done, waived, window.due))


def _window(plan: Plan, rule: StepRule, days: Days) -> Window:
    due_on = plan.on + timedelta(rule.days)
    due = days.end(due_on)
    opens = days.begin(plan.on + timedelta(rule.opens_after)) if rule.opens_after else plan.opener.at
    lapses = days.end(due_on + timedelta(rule.lapses_after))
    return Window(
        opens,
        min(due, max(opens, days.begin(due_on - timedelta(rule.due_soon)))),
        due,
        due_on,
        lapses if plan.until is None else min(lapses, plan.until),
    )


def _waives(match: Match, rule: StepRule, window: Window) -> bool:
    return match.act.by is not None and match.act.at <= window.lapses and rule.name in (match.act.steps or (rule.name,))


def _first(done: Match | None, waived: Match | None, due: datetime) -> Match | None:
    if done is None or waived is None:
        return done or waived
    return done if done.act.at < due or done.act.at <= waived.act.at else waived
