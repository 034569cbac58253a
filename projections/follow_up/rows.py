"""Rows of follow-up: a learner's plans, and the steps of each."""

from typing import Any
from uuid import UUID

from projections.follow_up.days import Days
from projections.follow_up.evidence import Evidence, Match, Rule
from projections.follow_up.fold import State
from projections.follow_up.plan import Plan, trainings
from projections.follow_up.steps import Step, decide
from projections.projection import Rows, Table
from schemas.act import ActKind
from schemas.organisation import Person
from schemas.policy import Policy

PLANS = Table(
    "follow_up_plans",
    ("learner", "plan", "training", "completed", "completed_on", "completions", "changed"),
    ("uuid", "uuid", "text", "timestamptz", "date", "uuid[]", "bigint"),
    ("plan",),
)
STEPS = Table(
    "follow_up_steps",
    (
        "learner", "plan", "place", "step", "opens", "soon", "due", "due_on", "lapses",
        "decided", "waived", "evidence", "rule", "by",
    ),
    (
        "uuid", "uuid", "smallint", "text", "timestamptz", "timestamptz", "timestamptz", "date", "timestamptz",
        "timestamptz", "boolean", "uuid", "text", "uuid",
    ),
    ("plan", "place", "step"),
)  # fmt: skip
_RULES = {rule: rule.name.lower() for rule in Rule}


def rows(state: State, learner: UUID, policy: Policy, person: Person | None, /) -> Rows:
    """Give a learner's plans, oldest first, and their steps, in the order they are due."""
    days = Days(policy, person)
    found = trainings(state.acts, policy, days)
    if not found:
        return {PLANS.name: [], STEPS.name: []}
    rules = policy.follow_up.steps
    kinds = {kind for rule in rules for kind in rule.kinds} | {ActKind.WAIVED}
    matches = Evidence(found).matches(act for act in state.acts if act.kind in kinds)
    plans: list[tuple[Any, ...]] = []
    steps: list[tuple[Any, ...]] = []
    opened = (plan for training in found.values() for plan in training.plans)
    for plan in sorted(opened, key=lambda plan: (plan.opener.at, plan.opener.position)):
        key = learner, UUID(bytes=plan.opener.statement)
        belonging = matches.get(plan, [])
        plans.append((*key, *_plan(plan, belonging)))
        steps += [(*key, *_step(learner, step)) for step in decide(plan, rules, belonging, days)]
    return {PLANS.name: plans, STEPS.name: steps}


def _plan(plan: Plan, matches: list[Match]) -> tuple[Any, ...]:
    return (
        plan.opener.training,
        plan.opener.at,
        plan.on,
        [UUID(bytes=act.statement) for act in plan.completions],
        # What was considered and didn't count as well: the decision rests on it.
        max([plan.changed, *(match.act.position for match in matches)]),
    )


def _step(learner: UUID, step: Step) -> tuple[Any, ...]:
    known = (step.place, step.name, *step.window)
    if step.match is None:
        return (*known, None, False, None, None, None)
    rule, act = step.match
    by = learner if act.by is None else UUID(bytes=act.by)
    return (*known, act.at, act.kind is ActKind.WAIVED, UUID(bytes=act.statement), _RULES[rule], by)
