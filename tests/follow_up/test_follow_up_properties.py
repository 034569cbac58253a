"""Whatever way acts come, the rows are the same, and they make sense."""

from datetime import timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.follow_up import PROJECTION
from projections.follow_up.fold import STEP, fold
from projections.follow_up.rows import PLANS, Remembering
from schemas.act import ActKind, LearningAct
from schemas.organisation import Person
from schemas.policy import Policy, StepRule
from tests.follow_up.given import (
    ANN,
    COURSE,
    FIRE,
    FIRST_AID,
    MAY,
    UTC_ONLY,
    act,
    living_in,
    moment,
    plans_of,
    policy,
    rows_of,
    state_of,
    steps_of,
)
from tests.remembering import Moment, moments

BEGIN = moment("2026-01-01T00:00")
KINDS = [
    ActKind.COMPLETED,
    ActKind.PASSED,
    ActKind.FAILED,
    ActKind.PRACTISED,
    ActKind.REFLECTED,
    ActKind.SHARED,
    ActKind.CHECKED_IN,
    ActKind.APPLIED,
    ActKind.WAIVED,
    ActKind.UNKNOWN,
]
TRAININGS = ["", FIRE, FIRST_AID]
PEOPLE: list[Person | None] = [
    None,
    living_in("America/New_York"),
    living_in("Europe/Amsterdam", ("Pacific/Apia", "2026-03-15"), ("America/Havana", "2026-06-01")),
]
POLICIES = [
    UTC_ONLY,
    Policy(time_zone="Asia/Tokyo"),
    policy(
        StepRule(name="reflect", kinds=(ActKind.REFLECTED,), days=3),
        StepRule(name="use", kinds=(ActKind.SHARED, ActKind.PRACTISED), days=40),
    ),
]


@st.composite
def many_acts(draw: st.DrawFn) -> list[LearningAct]:
    """Acts of and for Ann, some of which point at earlier ones, some at the same moment."""
    acts: list[LearningAct] = []
    for _ in range(draw(st.integers(1, 25))):
        own = draw(st.integers(0, 3)) > 0
        within = draw(st.lists(st.sampled_from([*TRAININGS[1:], STEP + "reflect"]), max_size=2, unique=True))
        made = act(
            BEGIN + timedelta(hours=draw(st.integers(0, 24 * 220))),
            draw(st.sampled_from(KINDS)),
            draw(st.sampled_from(TRAININGS)),
            activity_type=draw(st.sampled_from(["", COURSE])),
            within=tuple(within),
            actor=ANN if own else MAY,
            concerns=() if own else (ANN,),
            registration=draw(st.sampled_from([None, UUID(int=1), UUID(int=2)])),
            refers=tuple(one.statement for one in draw(st.lists(st.sampled_from(acts), max_size=1))) if acts else (),
            follows=draw(st.sampled_from(TRAININGS)),
            success=draw(st.sampled_from([None, True, False])),
        )
        acts.append(made)
    return acts


@given(many_acts(), st.randoms(use_true_random=False), st.sampled_from(PEOPLE))
def test_acts_in_any_order_and_twice_give_the_same(
    acts: list[LearningAct], random: Random, person: Person | None
) -> None:
    shuffled = acts * 2
    random.shuffle(shuffled)
    assert state_of(shuffled) == state_of(acts)
    assert rows_of(shuffled, UTC_ONLY, person) == rows_of(acts, UTC_ONLY, person)


@given(many_acts(), st.sampled_from(PEOPLE))
def test_evidence_is_a_statement_that_counts_once_in_a_plan(acts: list[LearningAct], person: Person | None) -> None:
    by_statement = {one.statement: one for one in acts}
    rules = {rule.name: rule for rule in UTC_ONLY.follow_up.steps}
    rows = rows_of(acts, UTC_ONLY, person)
    for plan in plans_of(rows):
        opener = by_statement[plan["plan"]]
        assert opener.kind in {ActKind.COMPLETED, ActKind.PASSED}
        assert opener.actor == ANN
        assert opener.at == plan["completed"]
        steps = steps_of(rows, opener)
        assert steps.keys() == rules.keys()
        used = [step.evidence for step in steps.values() if step.evidence and not step.waived]
        assert len(used) == len(set(used))
        assert opener.statement not in used
        for name, step in steps.items():
            assert step.opens <= step.soon <= step.due <= step.lapses
            if step.evidence is None:
                continue
            evidence = by_statement[step.evidence]
            assert evidence.at == step.decided
            assert opener.at <= evidence.at <= step.lapses
            assert plan["changed"] >= evidence.position
            if step.waived:
                assert evidence.actor == MAY
            else:
                assert evidence.kind in rules[name].kinds
                assert evidence.at >= step.opens
                assert evidence.actor == ANN or rules[name].by_manager


@given(many_acts(), st.sampled_from(PEOPLE))
def test_plans_of_a_training_never_overlap(acts: list[LearningAct], person: Person | None) -> None:
    rows = rows_of(acts, UTC_ONLY, person)
    by_statement = {one.statement: one for one in acts}
    for training in (FIRE, FIRST_AID):
        plans = [plan for plan in plans_of(rows) if plan["training"] == training]
        for plan, following in pairwise(plans):
            steps = steps_of(rows, by_statement[plan["plan"]]).values()
            assert max(step.due for step in steps) <= following["completed"]
            assert max(step.lapses for step in steps) <= following["completed"]
        completions = [one for plan in plans for one in plan["completions"]]
        assert len(completions) == len(set(completions))


@given(many_acts())
def test_a_learner_without_completions_has_no_rows(acts: list[LearningAct]) -> None:
    others = [one for one in acts if one.kind not in {ActKind.COMPLETED, ActKind.PASSED}]
    assert rows_of(others)[PLANS.name] == []


@given(many_acts())
def test_folding_leaves_the_state_it_was_given(acts: list[LearningAct]) -> None:
    before, copied = state_of(acts[:-1]), state_of(acts[:-1])
    fold(before, ANN, acts[-1])
    assert before == copied


@settings(max_examples=50)
@given(moments(PROJECTION, ANN, many_acts(), POLICIES, PEOPLE))
def test_rows_made_time_and_again_are_those_made_once(asked: list[Moment]) -> None:
    remembering = Remembering()
    assert [remembering(*one) for one in asked] == [PROJECTION.rows(*one) for one in asked]
