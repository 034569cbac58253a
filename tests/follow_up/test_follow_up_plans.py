"""Which completions open a plan."""

from uuid import UUID

import pytest

from schemas.act import ActKind, LearningAct
from schemas.policy import Policy, TrainingRule
from tests.follow_up.given import (
    ANN,
    BEN,
    COURSE,
    FIRE,
    FIRST_AID,
    UTC_ONLY,
    act,
    completed,
    day,
    decided,
    living_in,
    moment,
    plans_of,
    policy,
    practised,
    reflected,
    rows_of,
    steps_of,
)

ENROLMENT, LATER_ENROLMENT = UUID(int=0xE1), UUID(int=0xE2)


def opened(*acts: LearningAct, rules: Policy = UTC_ONLY) -> list[UUID]:
    return [plan["plan"] for plan in plans_of(rows_of(acts, rules))]


def test_a_completed_training_opens_a_plan() -> None:
    done = completed("2026-03-02T10:00")
    (plan,) = plans_of(rows_of([done]))
    assert plan == {
        "learner": ANN,
        "plan": done.statement,
        "training": FIRE,
        "completed": moment("2026-03-02T10:00"),
        "completed_on": day("2026-03-02"),
        "completions": [done.statement],
        "changed": done.position,
    }


def test_its_steps_are_those_of_the_policy_in_the_order_they_are_due() -> None:
    steps = steps_of(rows_of([completed("2026-03-02T10:00")]))
    assert {name: step.due_on for name, step in steps.items()} == {
        "reflect": day("2026-03-09"),
        "repeat-7": day("2026-03-09"),
        "share": day("2026-03-16"),
        "check-in": day("2026-03-16"),
        "apply": day("2026-04-01"),
        "repeat-30": day("2026-04-01"),
        "repeat-90": day("2026-05-31"),
    }
    assert list(steps) == ["reflect", "repeat-7", "share", "check-in", "apply", "repeat-30", "repeat-90"]


def test_passing_completes_too() -> None:
    done = completed("2026-03-02T10:00", kind=ActKind.PASSED, success=True)
    assert opened(done) == [done.statement]


@pytest.mark.parametrize(
    "not_completed",
    [
        completed("2026-03-02T10:00", success=False),
        completed("2026-03-02T10:00", completion=False),
        completed("2026-03-02T10:00", kind=ActKind.FAILED),
        completed("2026-03-02T10:00", kind=ActKind.UNKNOWN),
        completed("2026-03-02T10:00", kind=ActKind.PROGRESSED),
        completed("2026-03-02T10:00", actor=BEN, concerns=(ANN,)),
        completed("2026-03-02T10:00", activity=""),
        completed("0001-01-01T00:00"),
        completed("9999-12-31T23:59"),
    ],
    ids=["success", "completion", "failed", "unknown", "progressed", "another's", "nothing", "first day", "last day"],
)
def test_what_is_no_completion_opens_none(not_completed: LearningAct) -> None:
    assert opened(not_completed) == []


def test_failed_then_passed_opens_one_when_passed() -> None:
    failed = completed("2026-03-01T10:00", kind=ActKind.FAILED, success=False, registration=ENROLMENT)
    passed = completed("2026-03-02T10:00", kind=ActKind.PASSED, success=True, registration=ENROLMENT)
    rows = rows_of([failed, passed])
    assert [plan["completed"] for plan in plans_of(rows)] == [passed.at]
    assert decided(rows) == {}


@pytest.mark.parametrize(
    ("iri", "more", "counts"),
    [
        (FIRE, {"activity_type": COURSE}, True),
        (FIRE, {"activity_type": "http://adlnet.gov/expapi/activities/assessment"}, False),
        (FIRE, {"activity_type": ""}, True),
        (FIRE, {"activity_type": "", "within": (FIRST_AID,)}, False),
        (FIRE, {"activity_type": COURSE, "within": (FIRST_AID,)}, True),
        ("https://example.org/always", {"activity_type": "https://example.org/odd"}, True),
        ("https://example.org/never", {"activity_type": COURSE}, False),
    ],
)
def test_the_policy_says_what_is_a_training(iri: str, more: dict[str, object], counts: bool) -> None:
    rules = TrainingRule(activities=("https://example.org/always",), not_activities=("https://example.org/never",))
    done = completed("2026-03-02T10:00", iri, **more)
    assert opened(done, rules=Policy(training=rules)) == ([done.statement] if counts else [])


def test_untyped_activities_can_be_left_out() -> None:
    done = completed("2026-03-02T10:00", activity_type="")
    assert opened(done, rules=Policy(training=TrainingRule(untyped=False))) == []


def test_a_type_that_one_completion_gives_holds_for_all() -> None:
    silent = completed("2026-03-02T10:00", activity_type="", within=(FIRST_AID,))
    typed = completed("2027-03-02T10:00")
    rows = rows_of([silent, typed])
    assert [plan["plan"] for plan in plans_of(rows)] == [silent.statement, typed.statement]
    assert {plan["changed"] for plan in plans_of(rows)} == {typed.position}


def test_a_type_that_is_no_trainings_holds_for_all_too() -> None:
    silent = completed("2026-03-02T10:00", activity_type="")
    typed = completed("2027-03-02T10:00", activity_type="http://adlnet.gov/expapi/activities/assessment")
    assert opened(silent) == [silent.statement]
    assert opened(silent, typed) == []


def test_completed_and_passed_in_one_registration_are_one_completion() -> None:
    passed = completed("2026-03-05T10:00", kind=ActKind.PASSED, registration=ENROLMENT)
    done = completed("2026-03-02T10:00", registration=ENROLMENT)
    rows = rows_of([passed, done])
    (plan,) = plans_of(rows)
    assert (plan["plan"], plan["completed"]) == (done.statement, done.at)
    assert plan["completions"] == [done.statement, passed.statement]
    assert decided(rows) == {}


def test_the_second_half_of_a_completion_is_no_evidence_even_if_it_points_at_the_first() -> None:
    done = completed("2026-03-02T10:00", registration=ENROLMENT)
    passed = completed("2026-03-05T10:00", kind=ActKind.PASSED, registration=ENROLMENT, refers=(done.statement,))
    assert decided(rows_of([done, passed])) == {}


def test_a_further_completion_in_one_registration_is_one_of_its_own() -> None:
    done = completed("2026-03-02T10:00", registration=ENROLMENT)
    again = completed("2026-03-05T10:00", registration=ENROLMENT)
    yearly = completed("2027-03-05T10:00", registration=ENROLMENT)
    rows = rows_of([done, again, yearly])
    assert [plan["plan"] for plan in plans_of(rows)] == [done.statement, yearly.statement]
    assert decided(rows, done) == {"repeat-7": (again.statement, "registration")}
    assert decided(rows, yearly) == {}


def test_two_registrations_are_two_completions() -> None:
    done = completed("2026-03-02T10:00", registration=ENROLMENT)
    again = completed("2026-03-05T10:00", kind=ActKind.PASSED, registration=LATER_ENROLMENT)
    rows = rows_of([done, again])
    assert decided(rows) == {"repeat-7": (again.statement, "activity")}


def test_a_pair_that_repeats_counts_once() -> None:
    done = completed("2026-03-02T10:00", registration=ENROLMENT)
    again = completed("2026-03-05T10:00", registration=LATER_ENROLMENT)
    passed = completed("2026-03-15T10:00", kind=ActKind.PASSED, registration=LATER_ENROLMENT)
    rows = rows_of([done, again, passed])
    assert decided(rows) == {"repeat-7": (again.statement, "activity")}
    assert plans_of(rows)[0]["completions"] == [done.statement, again.statement, passed.statement]


@pytest.mark.parametrize(
    ("again", "plans"), [("2026-05-31T23:59:59.999999", 1), ("2026-06-01T00:00", 2), ("2026-03-02T10:00", 1)]
)
def test_completing_again_is_practice_until_the_last_step_is_due(again: str, plans: int) -> None:
    assert len(opened(completed("2026-03-02T10:00"), completed(again))) == plans


def test_the_days_of_a_plans_life_are_the_learners_own() -> None:
    acts = [completed("2026-03-02T10:00"), completed("2026-06-01T00:30")]
    assert len(plans_of(rows_of(acts, UTC_ONLY))) == 2
    assert len(plans_of(rows_of(acts, UTC_ONLY, living_in("America/New_York")))) == 1


def test_without_steps_a_plan_lives_for_its_day() -> None:
    days = [completed("2026-03-02T10:00"), completed("2026-03-02T12:00"), completed("2026-03-03T00:00")]
    assert opened(*days, rules=policy()) == [days[0].statement, days[2].statement]


def test_a_new_plan_begins_when_the_one_before_is_over_not_when_it_was_repeated() -> None:
    first, practice = completed("2026-01-01T10:00"), completed("2026-03-20T10:00")
    second, third = completed("2026-04-10T10:00"), completed("2026-08-01T10:00")
    rows = rows_of([first, practice, second, third])
    assert [plan["plan"] for plan in plans_of(rows)] == [first.statement, second.statement, third.statement]


def test_a_completion_that_opens_a_new_plan_is_a_late_repetition_in_the_old_one() -> None:
    first, second = completed("2026-01-01T10:00"), completed("2026-04-02T10:00")
    rows = rows_of([first, second])
    assert decided(rows, first) == {"repeat-7": (second.statement, "activity")}
    assert decided(rows, second) == {}


def test_what_is_open_in_a_plan_lapses_when_the_next_opens() -> None:
    first, second = completed("2026-01-01T10:00"), completed("2026-04-02T10:00")
    after = reflected("2026-04-02T10:00:01", refers=(first.statement,))
    rows = rows_of([first, second, after])
    assert {step.lapses for name, step in steps_of(rows, first).items() if name.startswith("repeat")} == {second.at}
    assert "reflect" not in decided(rows, first)
    assert "reflect" not in decided(rows, second)


def test_what_follows_belongs_to_the_newest_plan() -> None:
    first, second = completed("2026-01-01T10:00"), completed("2026-05-01T10:00")
    rows = rows_of([first, second, reflected("2026-01-03T10:00"), reflected("2026-05-03T10:00")])
    assert steps_of(rows, first)["reflect"].decided == moment("2026-01-03T10:00")
    assert steps_of(rows, second)["reflect"].decided == moment("2026-05-03T10:00")


def test_a_late_completion_from_before_moves_the_start() -> None:
    later = completed("2026-03-10T10:00")
    reflection = reflected("2026-03-11T10:00")
    earlier = completed("2026-03-01T10:00")
    rows = rows_of([later, reflection, earlier])
    (plan,) = plans_of(rows)
    assert (plan["plan"], plan["completions"]) == (earlier.statement, [earlier.statement, later.statement])
    assert plan["changed"] == earlier.position
    steps = steps_of(rows)
    assert steps["repeat-7"].evidence == later.statement
    assert steps["reflect"].evidence == reflection.statement
    assert steps["reflect"].due < moment("2026-03-11T10:00")


def test_trainings_have_plans_of_their_own() -> None:
    fire, aid = completed("2026-03-02T10:00"), completed("2026-03-03T10:00", FIRST_AID)
    rows = rows_of([aid, fire, reflected("2026-03-04T10:00", FIRST_AID)])
    assert [plan["training"] for plan in plans_of(rows)] == [FIRE, FIRST_AID]
    assert decided(rows, fire) == {}
    assert list(decided(rows, aid)) == ["reflect"]


def test_changed_is_the_last_statement_that_was_considered() -> None:
    done = completed("2026-03-02T10:00")
    reflection, second = reflected("2026-03-03T10:00"), reflected("2026-03-04T10:00")
    elsewhere = act("2026-03-05T10:00", ActKind.REFLECTED, "https://example.org/elsewhere")
    (plan,) = plans_of(rows_of([done, reflection, second, elsewhere]))
    assert plan["changed"] == second.position


def test_rows_are_the_policys_without_another_fold() -> None:
    acts = [completed("2026-03-02T10:00"), practised("2026-03-04T10:00")]
    assert decided(rows_of(acts, policy())) == {}
    assert list(decided(rows_of(acts))) == ["repeat-7"]
