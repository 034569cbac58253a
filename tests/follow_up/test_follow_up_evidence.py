"""Which acts are evidence of which steps, and by what rule."""

from typing import Any
from uuid import UUID

import pytest

from projections.follow_up.fold import STEP
from schemas.act import ActKind
from schemas.policy import StepRule
from tests.follow_up.given import (
    ANN,
    BEN,
    FIRE,
    FIRST_AID,
    MAY,
    act,
    completed,
    decided,
    plans_of,
    policy,
    practised,
    reflected,
    rows_of,
    steps_of,
    waived,
)

ENROLMENT = UUID(int=0xE1)
ELSEWHERE = "https://example.org/elsewhere"
DONE = completed("2026-03-02T10:00", registration=ENROLMENT)
BY: dict[str, dict[str, Any]] = {
    "reference": {"refers": (DONE.statement,)},
    "registration": {"registration": ENROLMENT},
    "context": {"within": (ELSEWHERE, FIRE)},
    "activity": {"activity": FIRE},
    "follows": {"follows": FIRE},
}


@pytest.mark.parametrize("rule", BY)
def test_each_rule_finds_evidence(rule: str) -> None:
    reflection = reflected("2026-03-03T10:00", **{"activity": ELSEWHERE, **BY[rule]})
    assert decided(rows_of([DONE, reflection])) == {"reflect": (reflection.statement, rule)}


@pytest.mark.parametrize("rule", BY)
def test_an_act_is_found_by_its_strongest_rule(rule: str) -> None:
    weaker = {key: value for name in list(BY)[list(BY).index(rule) :] for key, value in BY[name].items()}
    reflection = reflected("2026-03-03T10:00", **{"activity": ELSEWHERE, **weaker})
    assert decided(rows_of([DONE, reflection])) == {"reflect": (reflection.statement, rule)}


@pytest.mark.parametrize(("stronger", "weaker"), list(zip(list(BY), list(BY)[1:], strict=False)))
def test_of_two_acts_in_time_the_stronger_rule_decides(stronger: str, weaker: str) -> None:
    early = reflected("2026-03-03T10:00", **{"activity": ELSEWHERE, **BY[weaker]})
    late = reflected("2026-03-08T10:00", **{"activity": ELSEWHERE, **BY[stronger]})
    assert decided(rows_of([DONE, early, late])) == {"reflect": (late.statement, stronger)}


def test_of_two_acts_by_one_rule_the_earlier_decides() -> None:
    late, early = reflected("2026-03-05T10:00"), reflected("2026-03-03T10:00")
    assert steps_of(rows_of([DONE, late, early]))["reflect"].evidence == early.statement


def test_an_act_in_time_decides_over_a_stronger_late_one() -> None:
    in_time = reflected("2026-03-03T10:00", "", follows=FIRE)
    late = reflected("2026-03-20T10:00", "", refers=(DONE.statement,))
    assert decided(rows_of([DONE, late, in_time])) == {"reflect": (in_time.statement, "follows")}


def test_pointing_at_a_repetition_is_pointing_at_the_completion() -> None:
    again = completed("2026-03-04T10:00")
    reflection = reflected("2026-03-05T10:00", "", refers=(again.statement,))
    assert decided(rows_of([DONE, again, reflection]))["reflect"] == (reflection.statement, "reference")


def test_pointing_at_an_earlier_plan_is_not_about_the_newest() -> None:
    first, second = completed("2026-01-01T10:00"), completed("2026-04-10T10:00")
    reflection = reflected("2026-04-12T10:00", refers=(first.statement,))
    rows = rows_of([first, second, reflection])
    assert "reflect" not in decided(rows, second)


def test_pointing_at_a_completion_that_is_yet_to_come_is_not_about_the_plan_before_it() -> None:
    first, second = completed("2026-01-01T10:00"), completed("2026-04-02T10:00")
    reflection = reflected("2026-03-01T10:00", refers=(second.statement,))
    rows = rows_of([first, second, reflection])
    assert "reflect" not in decided(rows, first)
    assert "reflect" not in decided(rows, second)


def test_what_names_nothing_of_the_training_is_no_evidence() -> None:
    other = reflected(
        "2026-03-03T10:00",
        ELSEWHERE,
        refers=(UUID(int=0xF0),),
        registration=UUID(int=0xE9),
        within=(ELSEWHERE,),
        follows=ELSEWHERE,
    )
    assert decided(rows_of([DONE, other, reflected("2026-03-03T11:00", "")])) == {}


def test_a_step_wants_its_own_kinds() -> None:
    assert decided(rows_of([DONE, act("2026-03-03T10:00", ActKind.LIKED, FIRE)])) == {}


def test_what_was_before_the_completion_is_no_evidence() -> None:
    before = reflected("2026-03-02T09:59:59", refers=(DONE.statement,))
    assert decided(rows_of([DONE, before])) == {}


def test_at_the_moment_of_the_completion_it_is() -> None:
    assert list(decided(rows_of([DONE, reflected("2026-03-02T10:00")]))) == ["reflect"]


@pytest.mark.parametrize(
    ("at", "counts"), [("2026-06-07T23:59:59", True), ("2026-06-08T00:00", True), ("2026-06-08T00:00:01", False)]
)
def test_a_lapsed_step_stays_so(at: str, counts: bool) -> None:
    assert ("reflect" in decided(rows_of([DONE, reflected(at)]))) is counts


def test_one_act_counts_for_the_plans_of_all_trainings_it_is_about() -> None:
    aid = completed("2026-03-02T11:00", FIRST_AID)
    reflection = reflected("2026-03-03T10:00", FIRE, within=(FIRST_AID,))
    rows = rows_of([DONE, aid, reflection])
    assert decided(rows, DONE) == {"reflect": (reflection.statement, "activity")}
    assert decided(rows, aid) == {"reflect": (reflection.statement, "context")}


def test_in_a_registration_of_several_trainings_an_act_is_about_those_it_names() -> None:
    aid = completed("2026-03-02T11:00", FIRST_AID, registration=ENROLMENT)
    named = reflected("2026-03-03T10:00", FIRST_AID, registration=ENROLMENT)
    rows = rows_of([DONE, aid, named])
    assert decided(rows, DONE) == {}
    assert decided(rows, aid) == {"reflect": (named.statement, "registration")}


def test_in_a_registration_of_several_trainings_an_act_that_names_none_is_about_all() -> None:
    aid = completed("2026-03-02T11:00", FIRST_AID, registration=ENROLMENT)
    reflection = reflected("2026-03-03T10:00", ELSEWHERE, registration=ENROLMENT)
    rows = rows_of([DONE, aid, reflection])
    expected = {"reflect": (reflection.statement, "registration")}
    assert (decided(rows, DONE), decided(rows, aid)) == (expected, expected)


def test_completing_the_next_module_is_no_practice_of_the_one_before() -> None:
    module = completed("2026-03-05T10:00", FIRST_AID, registration=ENROLMENT)
    rows = rows_of([DONE, module])
    assert decided(rows, DONE) == {}


def test_completing_a_part_later_is_practice_of_the_whole() -> None:
    part = completed("2026-03-05T10:00", FIRST_AID, within=(FIRE,))
    assert decided(rows_of([DONE, part]), DONE) == {"repeat-7": (part.statement, "context")}


# Steps choose among acts.


def test_an_act_counts_for_one_step_of_a_plan() -> None:
    rules = policy(
        StepRule(name="first", kinds=(ActKind.REFLECTED,), days=7),
        StepRule(name="second", kinds=(ActKind.REFLECTED, ActKind.SHARED), days=14),
    )
    reflection, more = reflected("2026-03-03T10:00"), reflected("2026-03-03T11:00")
    assert list(decided(rows_of([DONE, reflection], rules))) == ["first"]
    assert decided(rows_of([DONE, reflection, more], rules)) == {
        "first": (reflection.statement, "activity"),
        "second": (more.statement, "activity"),
    }


def test_the_earliest_due_step_takes_an_act_whatever_the_order_of_the_policy() -> None:
    rules = policy(
        StepRule(name="later", kinds=(ActKind.REFLECTED,), days=14),
        StepRule(name="sooner", kinds=(ActKind.REFLECTED,), days=7),
    )
    assert list(decided(rows_of([DONE, reflected("2026-03-03T10:00")], rules))) == ["sooner"]


def test_repetitions_are_spaced() -> None:
    acts = [practised(f"2026-03-{number:02}T10:00") for number in (2, 4, 5, 20)] + [practised("2026-05-01T10:00")]
    assert decided(rows_of([DONE, *acts])) == {
        "repeat-7": (acts[1].statement, "activity"),
        "repeat-30": (acts[3].statement, "activity"),
        "repeat-90": (acts[4].statement, "activity"),
    }


def test_a_missed_repetition_is_made_up_for_first() -> None:
    practice = practised("2026-03-20T10:00")
    assert decided(rows_of([DONE, practice])) == {"repeat-7": (practice.statement, "activity")}


def test_one_days_practice_is_one_repetition() -> None:
    evening = [practised(f"2026-04-15T{hour}:00") for hour in (19, 20, 21)]
    assert list(decided(rows_of([DONE, *evening]))) == ["repeat-7"]
    assert list(decided(rows_of([DONE, *evening, practised("2026-04-16T00:00")]))) == ["repeat-7", "repeat-30"]


def test_a_repetition_counts_from_the_day_it_opens() -> None:
    assert decided(rows_of([DONE, practised("2026-03-02T23:59:59")])) == {}
    assert list(decided(rows_of([DONE, practised("2026-03-03T00:00")]))) == ["repeat-7"]


# Acts of others.


def test_a_check_in_by_somebody_else_counts() -> None:
    talk = act("2026-03-04T10:00", ActKind.CHECKED_IN, actor=MAY, concerns=(ANN,), refers=(DONE.statement,))
    rows = rows_of([DONE, talk])
    assert decided(rows) == {"check-in": (talk.statement, "reference")}
    assert steps_of(rows)["check-in"].by == MAY


def test_a_check_in_that_the_learner_records_counts() -> None:
    rows = rows_of([DONE, act("2026-03-04T10:00", ActKind.CHECKED_IN, FIRE, concerns=(MAY,))])
    assert steps_of(rows)["check-in"].by == ANN


def test_steps_of_the_learners_own_are_not_done_by_others() -> None:
    theirs = reflected("2026-03-04T10:00", actor=MAY, concerns=(ANN,))
    assert decided(rows_of([DONE, theirs])) == {}


@pytest.mark.parametrize("kind", [ActKind.COMPLETED, ActKind.PASSED, ActKind.PRACTISED, ActKind.UNKNOWN])
def test_the_learning_of_others_is_not_remembered(kind: ActKind) -> None:
    theirs = act("2026-03-04T10:00", kind, FIRE, actor=BEN, concerns=(ANN,))
    rules = policy(StepRule(name="repeat", kinds=(kind,), days=7, by_manager=True))
    assert decided(rows_of([DONE, theirs], rules)) == {}


# Waivers.


def test_a_waiver_is_for_all_steps_that_are_not_done() -> None:
    reflection, waiver = reflected("2026-03-03T10:00"), waived("2026-03-05T10:00")
    rows = rows_of([DONE, reflection, waiver])
    steps = steps_of(rows)
    assert len(plans_of(rows)) == 1
    assert {name for name, step in steps.items() if not step.waived} == {"reflect"}
    assert steps["reflect"].evidence == reflection.statement
    assert {(step.evidence, step.by, step.decided) for step in steps.values() if step.waived} == {
        (waiver.statement, MAY, waiver.at)
    }


def test_a_waiver_can_name_its_steps() -> None:
    by_context = waived("2026-03-05T10:00", within=(STEP + "share", STEP + "apply"))
    by_object = waived("2026-03-05T10:00", STEP + "check-in", refers=(DONE.statement,))
    assert decided(rows_of([DONE, by_context, by_object])) == {
        "share": (by_context.statement, "activity"),
        "check-in": (by_object.statement, "reference"),
        "apply": (by_context.statement, "activity"),
    }


def test_a_waiver_of_a_step_that_the_policy_does_not_have_waives_nothing() -> None:
    assert decided(rows_of([DONE, waived("2026-03-05T10:00", within=(STEP + "celebrate",))])) == {}


def test_nobody_waives_their_own_steps() -> None:
    assert decided(rows_of([DONE, waived("2026-03-05T10:00", actor=ANN, concerns=())])) == {}


def test_waiving_is_never_evidence_of_a_step() -> None:
    rules = policy(StepRule(name="odd", kinds=(ActKind.WAIVED,), days=7))
    assert decided(rows_of([DONE, waived("2026-03-05T10:00", actor=ANN, concerns=())], rules)) == {}


def test_doing_a_step_in_time_counts_whatever_was_waived() -> None:
    waiver, reflection = waived("2026-03-03T10:00"), reflected("2026-03-09T10:00")
    step = steps_of(rows_of([DONE, waiver, reflection]))["reflect"]
    assert (step.evidence, step.waived) == (reflection.statement, False)


@pytest.mark.parametrize(("at", "is_waived"), [("2026-03-19T10:00", True), ("2026-03-21T10:00", False)])
def test_after_the_due_day_what_came_first_decides(at: str, is_waived: bool) -> None:
    rows = rows_of([DONE, waived(at), reflected("2026-03-20T10:00")])
    assert steps_of(rows)["reflect"].waived is is_waived


def test_a_waiver_is_for_one_plan() -> None:
    yearly = completed("2027-03-02T10:00")
    rows = rows_of([DONE, waived("2026-03-05T10:00"), yearly])
    assert len(decided(rows, DONE)) == 7
    assert decided(rows, yearly) == {}


def test_a_waiver_after_the_lapse_comes_too_late() -> None:
    assert "reflect" not in decided(rows_of([DONE, waived("2026-06-09T10:00")]))
