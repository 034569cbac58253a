"""Days are the learner's own: daylight saving, other zones, zones that move."""

from datetime import timedelta

import pytest

from projections.follow_up.days import Days
from schemas.policy import Policy
from tests.follow_up.given import completed, day, living_in, moment, plans_of, reflected, rows_of, steps_of

AMSTERDAM = Policy(time_zone="Europe/Amsterdam")


def test_a_step_is_due_at_the_end_of_its_day_where_the_learner_is() -> None:
    step = steps_of(rows_of([completed("2026-01-05T10:00")], AMSTERDAM))["reflect"]
    assert (step.due_on, step.due) == (day("2026-01-12"), moment("2026-01-13T00:00+01:00"))


def test_the_learners_own_zone_comes_before_the_policys() -> None:
    rows = rows_of([completed("2026-01-05T23:30+01:00")], AMSTERDAM, living_in("Asia/Tokyo"))
    assert plans_of(rows)[0]["completed_on"] == day("2026-01-06")
    assert steps_of(rows)["reflect"].due == moment("2026-01-14T00:00+09:00")


@pytest.mark.parametrize(
    ("at", "due_on"), [("2026-01-05T23:59:59.999999+01:00", "2026-01-12"), ("2026-01-06T00:00+01:00", "2026-01-13")]
)
def test_days_are_counted_from_the_calendar_day_not_the_hour(at: str, due_on: str) -> None:
    assert steps_of(rows_of([completed(at)], AMSTERDAM))["reflect"].due_on == day(due_on)


@pytest.mark.parametrize(
    ("completed_at", "due"),
    [
        ("2026-03-27T10:00+01:00", "2026-04-04T00:00+02:00"),  # clocks go forward on 29 March
        ("2026-10-23T10:00+02:00", "2026-10-31T00:00+01:00"),  # and back on 25 October
        ("2026-03-22T10:00+01:00", "2026-03-30T00:00+02:00"),  # due on a day of 23 hours
        ("2026-10-18T10:00+02:00", "2026-10-26T00:00+01:00"),  # of 25 hours
        ("2025-12-28T10:00+01:00", "2026-01-05T00:00+01:00"),  # next year
        ("2028-02-25T10:00+01:00", "2028-03-04T00:00+01:00"),  # a leap year
    ],
)
def test_daylight_saving_moves_no_day(completed_at: str, due: str) -> None:
    assert steps_of(rows_of([completed(completed_at)], AMSTERDAM))["reflect"].due == moment(due)


def test_opening_soon_and_lapse_are_days_as_well() -> None:
    steps = steps_of(rows_of([completed("2026-03-27T10:00+01:00")], AMSTERDAM))
    assert steps["repeat-7"].opens == moment("2026-03-28T00:00+01:00")
    assert steps["repeat-7"].soon == moment("2026-03-31T00:00+02:00")
    assert steps["repeat-7"].lapses == moment("2026-07-03T00:00+02:00")
    assert steps["reflect"].opens == moment("2026-03-27T10:00+01:00")


def test_a_step_never_shows_as_due_before_it_opens_nor_after_it_is() -> None:
    steps = steps_of(rows_of([completed("2026-03-27T10:00")])).values()
    assert all(step.opens <= step.soon <= step.due <= step.lapses for step in steps)


def test_who_moves_has_the_days_of_the_place_they_are_in() -> None:
    person = living_in("Europe/Amsterdam", ("America/New_York", "2026-01-10"))
    rows = rows_of([completed("2026-01-05T23:30+01:00")], AMSTERDAM, person)
    assert plans_of(rows)[0]["completed_on"] == day("2026-01-05")
    assert steps_of(rows)["reflect"].due == moment("2026-01-13T00:00-05:00")


def test_in_time_is_in_time_where_one_has_moved_to() -> None:
    acts = [completed("2026-01-05T10:00+01:00"), reflected("2026-01-12T23:30-05:00")]
    person = living_in("Europe/Amsterdam", ("America/New_York", "2026-01-10"))
    stayed = steps_of(rows_of(acts, AMSTERDAM))["reflect"]
    moved = steps_of(rows_of(acts, AMSTERDAM, person))["reflect"]
    assert stayed.decided == moved.decided == acts[1].at
    assert stayed.due <= acts[1].at < moved.due


def test_before_a_known_zone_the_policys_counts() -> None:
    days = Days(AMSTERDAM, living_in(("Asia/Tokyo", "2026-02-01")))
    assert days.begin(day("2026-01-31")) == moment("2026-01-31T00:00+01:00")
    assert days.begin(day("2026-02-01")) == moment("2026-02-01T00:00+09:00")


def test_of_several_moves_the_last_before_counts() -> None:
    days = Days(AMSTERDAM, living_in("Europe/Amsterdam", ("Asia/Tokyo", "2026-02-01"), ("Asia/Dubai", "2026-03-01")))
    assert days.of(moment("2026-01-31T16:00Z")) == day("2026-02-01")
    assert days.of(moment("2026-01-31T14:59Z")) == day("2026-01-31")
    assert days.of(moment("2026-03-02T20:00Z")) == day("2026-03-03")


def test_who_moves_far_east_leaves_a_day_out() -> None:
    days = Days(AMSTERDAM, living_in("Pacific/Pago_Pago", ("Pacific/Kiritimati", "2018-11-05")))
    assert days.begin(day("2018-11-04")) == days.end(day("2018-11-04")) == moment("2018-11-04T10:00Z")


@pytest.mark.parametrize(
    ("zone", "on", "begins"),
    [
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00Z"),  # midnight is skipped
        ("America/Havana", "2023-11-05", "2023-11-05T04:00Z"),  # midnight comes twice
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00Z"),  # the day before isn't there at all
    ],
)
def test_odd_midnights(zone: str, on: str, begins: str) -> None:
    assert Days(AMSTERDAM, living_in(zone)).begin(day(on)) == moment(begins)


@pytest.mark.parametrize(
    "zones",
    [
        ("Europe/Amsterdam",),
        ("America/Sao_Paulo", ("Pacific/Apia", "2018-11-01"), ("America/New_York", "2018-11-10")),
        (("Pacific/Kiritimati", "2018-10-30"), ("Pacific/Pago_Pago", "2018-11-05")),
        ("Pacific/Pago_Pago", ("Pacific/Kiritimati", "2018-11-05")),
    ],
)
def test_every_moment_is_on_the_day_that_has_begun_and_is_not_over(zones: tuple[str | tuple[str, str], ...]) -> None:
    days = Days(AMSTERDAM, living_in(*zones))
    begin = moment("2018-10-27T00:00")
    for quarter in range(20 * 24 * 4):
        now = begin + timedelta(minutes=15 * quarter)
        assert days.begin(days.of(now)) <= now < days.end(days.of(now))
