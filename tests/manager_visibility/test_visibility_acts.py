"""Which acts others could see, how long they count, and which weeks were active."""

from datetime import date, timedelta

import pytest

from schemas.act import ActKind
from schemas.policy import Policy, RhythmRule, VisibilityRule
from tests.manager_visibility.given import ANN, BEN, FIRE, act, completed, living_in, moment, rows_of, shared

AMSTERDAM = Policy(time_zone="Europe/Amsterdam")


@pytest.mark.parametrize("kind", VisibilityRule().kinds)
def test_acts_of_the_policys_kinds_are_visible(kind: ActKind) -> None:
    (row,) = rows_of(one := act(ANN, "2026-03-02T10:00", kind, FIRE))["acts"]
    assert (row["learner"], row["statement"], row["at"], row["kind"]) == (ANN, one.statement, one.at, kind.value)
    assert (row["activity"], row["changed"], row["day"]) == (FIRE, one.position, date(2026, 3, 2))


def test_other_acts_are_visible_only_if_marked_so() -> None:
    marked = act(ANN, "2026-03-02T10:00", ActKind.STARTED, visible=True)
    rows = rows_of(act(ANN, "2026-03-02T09:00", ActKind.STARTED), marked)["acts"]
    assert [row["statement"] for row in rows] == [marked.statement]


def test_the_policy_decides_which_kinds_are_visible() -> None:
    policy = Policy(visibility=VisibilityRule(kinds=(ActKind.STARTED,)))
    started = act(ANN, "2026-03-02T10:00", ActKind.STARTED)
    rows = rows_of(started, shared(ANN, "2026-03-02T11:00"), policy=policy)["acts"]
    assert [row["statement"] for row in rows] == [started.statement]


def test_acts_of_others_and_unknown_verbs_are_none() -> None:
    about_ann = act(BEN, "2026-03-02T10:00", ActKind.COACHED, concerns=(ANN,), visible=True)
    unknown = act(ANN, "2026-03-02T11:00", ActKind.UNKNOWN, visible=True)
    rows = rows_of(about_ann, unknown)
    assert rows["acts"] == []
    assert rows["weeks"] == []


@pytest.mark.parametrize("year", [1, 1899, 2500, 9999])
def test_acts_of_mad_clocks_are_none(year: int) -> None:
    assert rows_of(shared(ANN, f"{year:04}-06-01T10:00"))["acts"] == []


def test_the_days_of_windows_are_the_learners_own() -> None:
    # 23:30 in Amsterdam, and already the next day in Auckland; in the windows summer time begins and ends.
    one = shared(ANN, "2026-03-01T22:30")
    policy = Policy(time_zone="Europe/Amsterdam", visibility=VisibilityRule(visible_days=30, fading_days=240))
    (home,) = rows_of(one, policy=policy)["acts"]
    assert home["day"] == date(2026, 3, 1)
    assert home["visible_until"] == moment("2026-04-01T00:00+02:00")
    assert home["fading_until"] == moment("2026-10-28T00:00+01:00")
    (away,) = rows_of(one, policy=policy, person=living_in("Pacific/Auckland"))["acts"]
    assert away["day"] == date(2026, 3, 2)
    assert away["visible_until"] == moment("2026-04-02T00:00+13:00")


def test_somebody_who_moves_takes_their_days_along() -> None:
    person = living_in("Europe/Amsterdam", ("America/New_York", "2026-03-10"))
    (row,) = rows_of(shared(ANN, "2026-03-01T12:00"), person=person)["acts"]
    assert row["visible_until"] == moment("2026-04-01T00:00-04:00")


def test_a_week_is_active_from_its_first_act_on_and_counts_for_thirteen() -> None:
    first = completed(ANN, "2026-03-02T00:30+01:00")
    rows = rows_of(first, shared(ANN, "2026-03-08T23:30+01:00"), policy=AMSTERDAM)["weeks"]
    assert rows == [
        {
            "learner": ANN,
            "week": date(2026, 3, 2),
            "active": first.at,
            "counts_until": moment("2026-06-01T00:00+02:00"),
            "statements": [first.statement],
            "changed": first.position,
        }
    ]


def test_weeks_are_the_learners_own() -> None:
    one = shared(ANN, "2026-03-01T22:30")
    (home,) = rows_of(one, policy=AMSTERDAM)["weeks"]
    (away,) = rows_of(one, policy=AMSTERDAM, person=living_in("Pacific/Auckland"))["weeks"]
    assert (home["week"], away["week"]) == (date(2026, 2, 23), date(2026, 3, 2))


def test_being_assigned_something_makes_no_week_active_unless_the_policy_says_so() -> None:
    assigned = act(ANN, "2026-03-02T10:00", ActKind.ASSIGNED)
    assert rows_of(assigned)["weeks"] == []
    policy = Policy(rhythm=RhythmRule(kinds=(ActKind.ASSIGNED,)))
    (row,) = rows_of(assigned, shared(ANN, "2026-03-10T10:00"), policy=policy)["weeks"]
    assert row["week"] == date(2026, 3, 2)


def test_a_week_with_too_few_acts_is_not_active_and_rests_on_the_first_that_are_enough() -> None:
    policy = Policy(time_zone="UTC", rhythm=RhythmRule(acts_a_week=2))
    third, first, second, alone = (shared(ANN, f"2026-03-{day}T10:00") for day in ("06", "03", "04", "10"))
    (row,) = rows_of(third, first, second, alone, policy=policy)["weeks"]
    assert (row["week"], row["active"]) == (date(2026, 3, 2), second.at)
    assert row["statements"] == [first.statement, second.statement]
    assert row["changed"] == second.position


def test_weeks_that_nobody_can_read_any_more_have_no_rows() -> None:
    last = moment("2026-06-03T10:00")
    acts = [shared(ANN, last - timedelta(weeks=back)) for back in range(20)]
    rows = rows_of(*acts)
    assert [row["week"] for row in rows["weeks"]] == [
        date(2026, 6, 1) - timedelta(weeks=back) for back in range(12, -1, -1)
    ]
    assert len(rows["acts"]) == 20


def test_a_late_statement_can_be_read_from_when_it_was_stored() -> None:
    # Offline for a quarter of a year: what the act could have made of now is over.
    late = shared(ANN, "2026-03-02T10:00", stored=moment("2026-06-01T00:00"))
    in_time = shared(ANN, "2026-03-02T10:00", stored=moment("2026-05-31T23:59"))
    assert rows_of(late)["weeks"] == []
    assert len(rows_of(in_time)["weeks"]) == 1
    assert len(rows_of(late)["acts"]) == 1
