"""Rows of follow-up: a learner's plans, and the steps of each."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from projections.follow_up.days import Days
from projections.follow_up.evidence import Evidence, Match, Rule
from projections.follow_up.fold import Act, State
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
    return Remembering()(state, learner, policy, person)


class Remembering:
    """Makes the rows of one learner time and again.

    Plans rest on completions alone, and what belongs to a plan on its acts: an act that comes after all others and
    completes nothing changes only the plans it belongs to. Anything else begins anew.
    """

    def __init__(self) -> None:
        self._of: tuple[UUID, Policy, Person | None] | None = None
        self._acts: tuple[Act, ...] = ()
        self._days = Days(Policy(), None)
        self._evidence = Evidence({})
        self._matches: dict[Plan, list[Match]] = {}
        self._made: dict[Plan, tuple[tuple[Any, ...], list[tuple[Any, ...]]]] = {}
        """The row of each plan and those of its steps, plans oldest first."""

    def __call__(self, state: State, learner: UUID, policy: Policy, person: Person | None, /) -> Rows:
        """Give the rows, as ``rows`` does."""
        came = self._came(state, learner, policy, person)
        if came is None or any(act.training for act in came):
            self._begin(state, learner, policy, person)
        else:
            self._go_on(came, learner, policy)
        self._of, self._acts = (learner, policy, person), state.acts
        return {
            PLANS.name: [plan for plan, _ in self._made.values()],
            STEPS.name: [step for _, steps in self._made.values() for step in steps],
        }

    def _came(self, state: State, learner: UUID, policy: Policy, person: Person | None) -> tuple[Act, ...] | None:
        """Give the acts that came since, after all others; None: it isn't only that."""
        if self._of is None or self._of[0] != learner or self._of[1] is not policy or self._of[2] is not person:
            return None
        known = len(self._acts)
        return state.acts[known:] if state.acts[:known] == self._acts else None

    def _begin(self, state: State, learner: UUID, policy: Policy, person: Person | None) -> None:
        self._days = Days(policy, person)
        found = trainings(state.acts, policy, self._days)
        kinds = _kinds(policy)
        self._evidence = Evidence(found)
        self._matches = self._evidence.matches(act for act in state.acts if found and act.kind in kinds)
        opened = (plan for training in found.values() for plan in training.plans)
        ordered = sorted(opened, key=lambda plan: (plan.opener.at, plan.opener.position))
        self._made = {plan: self._make(plan, learner, policy) for plan in ordered}

    def _go_on(self, came: Iterable[Act], learner: UUID, policy: Policy) -> None:
        kinds = _kinds(policy)
        touched = {plan for act in came if act.kind in kinds for plan in self._evidence.add(self._matches, act)}
        for plan in touched:
            self._made[plan] = self._make(plan, learner, policy)

    def _make(self, plan: Plan, learner: UUID, policy: Policy) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]]:
        key = learner, UUID(bytes=plan.opener.statement)
        belonging = self._matches.get(plan, [])
        steps = decide(plan, policy.follow_up.steps, belonging, self._days)
        return (*key, *_plan(plan, belonging)), [(*key, *_step(learner, step)) for step in steps]


def _kinds(policy: Policy) -> frozenset[ActKind]:
    """Give the kinds of acts that can be evidence."""
    return frozenset(kind for rule in policy.follow_up.steps for kind in rule.kinds) | {ActKind.WAIVED}


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
