"""Which weeks are rest weeks."""

from collections.abc import Sequence
from datetime import date, time, timedelta

import pytest

from projections.streaks.rest import Rest, rest_of
from projections.streaks.week import monday, week_of
from schemas.organisation import Period, Person, WorkingHours
from schemas.policy import Policy, RhythmRule
from tests.streaks.given import ANN, MONDAY, act, at, on, rows_of, rule

WEEK = week_of(MONDAY.toordinal())


def day(number: int) -> date:
    """A day after Monday 5 January 2026."""
    return MONDAY + timedelta(days=number)


def off(first: int, last: int) -> Period:
    return Period(day(first), day(last))


def resting(*leave: Period, days: Sequence[int] = (), holidays: Sequence[int] = (), enough: int = 3) -> list[int]:
    """Which of eight weeks are rest weeks."""
    hours = WorkingHours(tuple(days), time(9), time(17)) if days else None
    policy = Policy(rhythm=RhythmRule(rest_days=enough), holidays=tuple(day(number).isoformat() for number in holidays))
    rest = rest_of(Person(id=ANN, leave=leave, hours=hours), policy)
    return [number for number in range(8) if WEEK + number in rest]


def test_so_many_days_of_leave_make_a_rest_week() -> None:
    assert resting(off(0, 1)) == []
    assert resting(off(0, 2)) == [0]
    assert resting(off(2, 4)) == [0]


def test_weekends_are_no_days_off() -> None:
    assert resting(off(3, 6)) == []


def test_leave_across_weeks_is_counted_in_each() -> None:
    assert resting(off(3, 8)) == []
    assert resting(off(2, 9)) == [0, 1]
    assert resting(off(4, 22)) == [1, 2]
    assert resting(off(0, 27)) == [0, 1, 2, 3]


def test_leave_and_holidays_add_up_and_a_day_counts_once() -> None:
    assert resting(off(0, 0), off(1, 1), holidays=[4]) == [0]
    assert resting(off(0, 1), off(1, 1), holidays=[0, 1]) == []
    assert resting(holidays=[0, 1, 2]) == [0]


def test_days_that_arent_worked_are_no_days_off() -> None:
    assert resting(off(0, 2), days=[2, 3, 4, 5]) == []
    assert resting(off(0, 3), days=[2, 3, 4, 5]) == [0]
    assert resting(off(4, 6), days=[5, 6, 7]) == [0]


def test_who_works_fewer_days_rests_when_all_are_off() -> None:
    assert resting(off(0, 0), days=[1, 2]) == []
    assert resting(off(0, 1), days=[1, 2]) == [0]


def test_one_day_can_be_enough() -> None:
    assert resting(off(4, 4), enough=1) == [0]
    assert resting(off(5, 6), enough=1) == []


def test_a_week_without_a_day_off_is_never_rest() -> None:
    assert resting(off(4, 6), off(12, 13), enough=0) == [0]


def test_leave_without_an_end() -> None:
    assert resting(Period(day(8), None)) == [1, 2, 3, 4, 5, 6, 7]
    assert resting(Period(None, day(8))) == [0]
    assert resting(Period()) == list(range(8))


@pytest.mark.parametrize(
    ("employed", "weeks"),
    [
        (off(9, 30), [0, 5, 6, 7]),
        # From Thursday of the second week, to Tuesday of the fifth.
        (off(10, 29), [0, 1, 4, 5, 6, 7]),
        (Period(None, None), []),
        (Period(date(1, 1, 1), date(9999, 12, 31)), []),
    ],
)
def test_before_and_after_employment_is_rest(employed: Period, weeks: list[int]) -> None:
    rest = rest_of(Person(id=ANN, employed=employed), Policy())
    assert [number for number in range(8) if WEEK + number in rest] == weeks


def test_somebody_the_organisation_doesnt_know_has_holidays_only() -> None:
    policy = Policy(holidays=tuple(day(number).isoformat() for number in (0, 1, 2)))
    assert WEEK in rest_of(None, policy)
    assert WEEK + 1 not in rest_of(None, policy)


def test_changes_between_rest_and_work() -> None:
    rest = Rest([(5, 7), (9, 10)])
    assert [rest.change(week) for week in range(4, 11)] == [5, 7, 7, 9, 9, 10, None]


def test_rest_weeks_that_follow_each_other_are_one_rest() -> None:
    person = Person(id=ANN, leave=(off(7, 11), off(0, 4), off(14, 20)))
    assert rest_of(person, Policy()).change(WEEK) == WEEK + 3


def test_leave_after_the_last_act_is_known_ahead() -> None:
    person = Person(id=ANN, leave=(off(7, 11), off(21, 39), off(70, 74)))
    rows = rows_of([act(at("2026-01-07T12:00"))], Policy(rhythm=rule()), person)
    states = [(on(rows, day(7 * number)).state, on(rows, day(7 * number)).standing) for number in range(12)]
    assert states == [
        ("active", "running"),
        ("rest", "running"),
        ("missed", "at risk"),
        ("rest", "broken"),
        ("rest", "broken"),
        ("rest", "broken"),
        *[("missed", "broken")] * 4,
        ("rest", "broken"),
        ("missed", "broken"),
    ]
    assert len(rows) == 7


def test_who_leaves_rests_for_ever() -> None:
    rows = rows_of([act(at("2026-01-07T12:00"))], None, Person(id=ANN, employed=off(-100, 4)))
    assert [(row.state, row.standing, row.until) for row in rows][1:] == [("rest", "running", None)]


def test_weeks_of_the_last_day_reckoned_with() -> None:
    assert monday(week_of(date(2100, 1, 3).toordinal())) == date(2099, 12, 28)
