"""Which check-ins completed trainings ask for, and who did them."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from projections.follow_up.fold import STEP
from schemas.act import ActKind
from schemas.policy import FollowUpRule, Policy, StepRule
from tests.manager_visibility.given import (
    ANN,
    BEN,
    CAS,
    COURSE,
    FIRE,
    FIRST_AID,
    MAX,
    MAY,
    act,
    checked_in,
    completed,
    living_in,
    moment,
    rows_of,
)

DONE = "2026-03-02T10:00"


def test_a_completed_training_asks_for_a_check_in() -> None:
    one = completed(ANN, DONE)
    assert rows_of(one)["check_ins"] == [
        {
            "learner": ANN,
            "completion": one.statement,
            "training": FIRE,
            "at": one.at,
            "day": date(2026, 3, 2),
            "soon": moment("2026-03-13T00:00"),
            "due": moment("2026-03-17T00:00"),
            "due_on": date(2026, 3, 16),
            "lapses": moment("2026-06-15T00:00"),
            "waived_at": None,
            "waived": None,
            "changed": one.position,
        }
    ]


def test_the_due_day_is_the_learners_own_across_summer_time() -> None:
    (row,) = rows_of(completed(ANN, "2026-03-20T23:30+01:00"), policy=Policy(time_zone="Europe/Amsterdam"))["check_ins"]
    assert (row["day"], row["due_on"]) == (date(2026, 3, 20), date(2026, 4, 3))
    assert row["due"] == moment("2026-04-04T00:00+02:00")
    (away,) = rows_of(completed(ANN, "2026-03-20T23:30+01:00"), person=living_in("Asia/Kolkata"))["check_ins"]
    assert (away["day"], away["due"]) == (date(2026, 3, 21), moment("2026-04-05T00:00+05:30"))


@pytest.mark.parametrize(
    "more",
    [
        {"success": False},
        {"completion": False},
        {"kind": ActKind.FAILED},
        {"activity": ""},
        {"actor": BEN, "concerns": (ANN,)},
    ],
)
def test_other_acts_ask_for_none(more: dict[str, Any]) -> None:
    known: dict[str, Any] = {
        "by": ANN,
        "at": DONE,
        "kind": ActKind.COMPLETED,
        "activity": FIRE,
        "activity_type": COURSE,
    }
    assert len(rows_of(act(**known))["check_ins"]) == 1
    assert rows_of(act(**{**known, **more}))["check_ins"] == []


def test_what_is_no_training_asks_for_none() -> None:
    question = completed(ANN, DONE, activity_type="http://adlnet.gov/expapi/activities/cmi.interaction")
    part = completed(ANN, DONE, FIRST_AID, activity_type="", within=(FIRE,))
    whole = completed(ANN, DONE, FIRST_AID, activity_type="")
    assert rows_of(question, part)["check_ins"] == []
    assert [row["completion"] for row in rows_of(whole)["check_ins"]] == [whole.statement]


def test_without_that_step_in_the_policy_none_are_asked_for() -> None:
    share = StepRule(name="share", kinds=(ActKind.SHARED,), days=14)
    policy = Policy(follow_up=FollowUpRule(steps=(share,)))
    assert rows_of(completed(ANN, DONE), checked_in(MAY, "2026-03-03T10:00", ANN), policy=policy)["check_ins"] == []


def test_the_policy_decides_when_it_is_due_and_what_does_it() -> None:
    step = StepRule(name="check-in", kinds=(ActKind.RATED,), days=2, by_manager=True)
    policy = Policy(time_zone="UTC", follow_up=FollowUpRule(steps=(step,)))
    rated = act(MAY, "2026-03-04T10:00", ActKind.RATED, FIRE, concerns=(ANN,))
    rows = rows_of(completed(ANN, DONE), checked_in(MAY, "2026-03-03T10:00", ANN), rated, policy=policy)
    assert [row["due_on"] for row in rows["check_ins"]] == [date(2026, 3, 4)]
    assert [row["statement"] for row in rows["done"]] == [rated.statement]


def test_completing_it_again_while_follow_up_runs_asks_for_no_other() -> None:
    first = completed(ANN, DONE)
    again, anew = completed(ANN, "2026-03-20T10:00"), completed(ANN, "2026-06-01T10:00")
    assert [row["completion"] for row in rows_of(first, again)["check_ins"]] == [first.statement]
    assert [row["completion"] for row in rows_of(first, again, anew)["check_ins"]] == [anew.statement]


REGISTRATION = UUID(int=77)
COMPLETION = UUID(int=78)


@pytest.mark.parametrize(
    ("rule", "about"),
    [
        ("reference", {"activity": "", "refers": (COMPLETION,)}),
        ("registration", {"activity": "", "registration": REGISTRATION}),
        ("context", {"activity": "", "within": ("https://example.org/other", FIRE)}),
        ("activity", {"activity": FIRE}),
        ("follows", {"activity": "https://example.org/talk", "follows": FIRE}),
    ],
)
@pytest.mark.parametrize("kind", [ActKind.CHECKED_IN, ActKind.COACHED])
def test_a_check_in_is_known_by_what_it_points_at(rule: str, about: dict[str, Any], kind: ActKind) -> None:
    training = completed(ANN, DONE, registration=REGISTRATION, statement=COMPLETION)
    talk = act(**{"by": MAY, "at": "2026-03-05T10:00", "kind": kind, "concerns": (ANN,), **about})
    (row,) = rows_of(training, talk)["done"]
    assert row == {
        "learner": ANN,
        "completion": COMPLETION,
        "person": MAY,
        "statement": talk.statement,
        "at": talk.at,
        "day": date(2026, 3, 5),
        "rule": rule,
        "changed": talk.position,
    }


@pytest.mark.parametrize(
    "about",
    [
        {"activity": ""},
        {"activity": FIRST_AID},
        {"activity": "", "refers": (uuid4(),)},
        {"activity": "", "registration": uuid4()},
        {"at": "2026-03-02T09:59"},
        {"kind": ActKind.LIKED},
        {"kind": ActKind.STARTED},
        {"concerns": ()},
    ],
)
def test_what_is_about_something_else_is_none(about: dict[str, Any]) -> None:
    known: dict[str, Any] = {
        "by": MAY,
        "at": "2026-03-05T10:00",
        "kind": ActKind.CHECKED_IN,
        "activity": FIRE,
        "concerns": (ANN,),
    }
    assert rows_of(completed(ANN, DONE), act(**{**known, **about}))["done"] == []


def test_who_did_it_for_the_learner_had_it_and_whoever_the_learner_says() -> None:
    theirs, own = checked_in(MAY, "2026-03-05T10:00", ANN, BEN), checked_in(ANN, "2026-03-06T10:00", MAX, CAS)
    rows = rows_of(completed(ANN, DONE), theirs, own)["done"]
    # Ben was there too, but had no check-in with Ann.
    assert {row["person"]: row["statement"] for row in rows} == {
        MAY: theirs.statement,
        MAX: own.statement,
        CAS: own.statement,
    }


def test_one_in_time_goes_before_a_stronger_one_late_and_then_the_stronger_before_the_earlier() -> None:
    training = completed(ANN, DONE)
    late = checked_in(MAY, "2026-03-20T10:00", ANN, refers=(training.statement,))
    weak, strong = checked_in(MAY, "2026-03-05T10:00", ANN), checked_in(MAY, "2026-03-10T10:00", ANN, within=(FIRE,))
    assert [row["statement"] for row in rows_of(training, late, weak)["done"]] == [weak.statement]
    assert [row["statement"] for row in rows_of(training, strong, late, weak)["done"]] == [strong.statement]
    assert [row["statement"] for row in rows_of(training, late)["done"]] == [late.statement]


def test_a_waiver_is_kept_with_when_it_was() -> None:
    training = completed(ANN, DONE)
    waived = act(MAY, "2026-03-05T10:00", ActKind.WAIVED, FIRE, concerns=(ANN,))
    (row,) = rows_of(training, waived)["check_ins"]
    assert (row["waived"], row["waived_at"], row["changed"]) == (waived.statement, waived.at, waived.position)


def test_a_waiver_of_another_step_or_of_ones_own_is_none() -> None:
    other = act(MAY, "2026-03-05T10:00", ActKind.WAIVED, FIRE, concerns=(ANN,), within=(STEP + "share",))
    own = act(ANN, "2026-03-05T10:00", ActKind.WAIVED, FIRE, concerns=(MAY,))
    (row,) = rows_of(completed(ANN, DONE), other, own)["check_ins"]
    assert row["waived"] is None


def test_the_check_in_changes_with_whoever_did_it() -> None:
    training, talk = completed(ANN, DONE), checked_in(MAY, "2026-03-05T10:00", ANN)
    (row,) = rows_of(training, talk)["check_ins"]
    assert row["changed"] == talk.position


def test_a_check_in_that_lapsed_before_the_latest_statement_has_no_rows() -> None:
    training, talk = completed(ANN, DONE), checked_in(MAY, "2026-03-05T10:00", ANN)
    before, after = (act(ANN, at, ActKind.STARTED) for at in ("2026-06-14T23:59", "2026-06-15T00:00"))
    assert (len(rows_of(training, talk, before)["check_ins"]), len(rows_of(training, talk, before)["done"])) == (1, 1)
    assert (rows_of(training, talk, after)["check_ins"], rows_of(training, talk, after)["done"]) == ([], [])
