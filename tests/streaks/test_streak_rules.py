"""What keeps a streak: free weeks, rest and repairs."""

from datetime import date, timedelta

import pytest

from schemas.policy import RhythmRule
from tests.streaks.given import MONDAY, on, rule, told


def test_weeks_with_an_act_are_a_streak() -> None:
    said = told("1213", rule())
    assert said.states == "aaaa"
    assert said.standings == "rrrr"
    assert said.current == [1, 2, 3, 4]


def test_a_week_without_acts_is_a_risk_while_it_lasts_and_a_break_when_it_is_over() -> None:
    said = told("11..1", rule())
    assert said.states == "aamma"
    assert said.standings == "rrabr"
    assert said.current == [1, 2, 2, 0, 1]
    assert said.longest == 2


def test_too_few_acts_are_none() -> None:
    said = told("1221", rule(acts_a_week=2))
    assert said.states == "maam"
    assert said.standings == "nrra"
    assert said.current == [0, 1, 2, 2]


def test_a_row_with_acts_holds_for_its_week_only() -> None:
    said = told("1..1.r1", rule(acts_a_week=2))
    assert [(row.week, row.acts) for row in said.rows] == [
        (MONDAY + timedelta(weeks=week), acts)
        for week, acts in ((0, 1), (1, 0), (3, 1), (4, 0), (5, 0), (6, 1), (7, 0))
    ]
    holidays = ("2026-01-12", "2026-01-13", "2026-01-14", "2026-01-19", "2026-01-20", "2026-01-21")
    resting = told("21", rule(acts_a_week=2), holidays=holidays)
    assert [(row.state, row.acts) for row in resting.rows][:3] == [("active", 2), ("rest", 1), ("rest", 0)]


def test_somebody_who_never_had_enough_has_no_streak_to_break() -> None:
    assert told("1.1.", rule(acts_a_week=2)).standings == "nnnn"


def test_free_weeks_bridge_and_dont_count() -> None:
    said = told("1.1.1", rule(free_weeks_a_quarter=2))
    assert said.states == "afafa"
    assert said.standings == "rarar"
    assert said.current == [1, 1, 2, 2, 3]


def test_when_free_weeks_are_used_up_the_streak_breaks() -> None:
    said = told("1.1.1.1", rule(free_weeks_a_quarter=2))
    assert said.states == "afafama"
    assert said.current == [1, 1, 2, 2, 3, 3, 1]


def test_free_weeks_can_follow_each_other() -> None:
    assert told("1..1", rule(free_weeks_a_quarter=2)).current == [1, 1, 1, 2]


def test_free_weeks_taken_before_a_break_stay_taken() -> None:
    said = told("1...1.1", rule(free_weeks_a_quarter=2))
    assert said.states == "affmama"


def test_without_a_streak_no_free_weeks_are_taken() -> None:
    said = told("1....1.1", rule(free_weeks_a_quarter=1))
    assert said.states == "afmmmama"


@pytest.mark.parametrize(
    ("start", "states"),
    [
        # Weeks belong to the quarter of their Thursday: 2 April begins one, 26 March is of the one before.
        (date(2026, 3, 16), "affa"),
        (date(2026, 3, 9), "afma"),
        # 1 January 2026 is a Thursday: the week of Monday 29 December is the first of 2026.
        (date(2025, 12, 15), "affa"),
        (date(2025, 12, 22), "afma"),
    ],
)
def test_each_quarter_has_its_own_free_weeks(start: date, states: str) -> None:
    assert told("1..1", rule(free_weeks_a_quarter=1), start).states == states


def test_week_53_belongs_to_the_old_year() -> None:
    # 2026 has a week 53: Monday 28 December to Sunday 3 January 2027, whose Thursday is 31 December.
    assert told("1..1", rule(free_weeks_a_quarter=1), date(2026, 12, 14)).states == "afma"
    assert told("1..1", rule(free_weeks_a_quarter=1), date(2026, 12, 21)).states == "affa"


def test_free_weeks_without_end_never_break() -> None:
    said = told("1" + "." * 200 + "1", rule(free_weeks_a_quarter=14))
    assert set(said.states[1:-1]) == {"f"}
    assert said.current[-1] == 2
    assert len(said.rows) == 4


def test_rest_weeks_bridge_and_dont_count() -> None:
    said = told("1rrr1", rule())
    assert said.states == "arrra"
    assert said.standings == "rrrrr"
    assert said.current == [1, 1, 1, 1, 2]


def test_a_rest_week_with_enough_acts_is_active() -> None:
    holidays = ("2026-01-12", "2026-01-13", "2026-01-14")
    assert told("1.1", rule(), holidays=holidays).states == "ara"
    said = told("111", rule(), holidays=holidays)
    assert said.states == "aaa"
    assert said.current == [1, 2, 3]


def test_rest_takes_no_free_week() -> None:
    assert told("1r.1r.1", rule(free_weeks_a_quarter=1)).states == "arfarma"


def test_enough_acts_in_the_next_week_repair_a_streak() -> None:
    said = told("11.21", rule(repairs_a_quarter=1))
    assert said.states == "aapaa"
    assert said.standings == "rrarr"
    assert said.current == [1, 2, 2, 3, 4]


def test_too_few_acts_in_the_next_week_begin_anew() -> None:
    said = told("11.11", rule(repairs_a_quarter=1))
    assert said.states == "aamaa"
    assert said.current == [1, 2, 2, 1, 2]
    started = on(said.rows, MONDAY + timedelta(weeks=3))
    assert (started.repair, started.lost) == (1, 2)
    later = on(said.rows, MONDAY + timedelta(weeks=4))
    assert (later.repair, later.lost) == (0, 0)


def test_a_week_later_it_is_too_late() -> None:
    said = told("11..3", rule(repairs_a_quarter=1))
    assert said.states == "aamma"
    assert said.standings == "rrabr"
    waiting = on(said.rows, MONDAY + timedelta(weeks=3))
    assert (waiting.repair, waiting.lost) == (2, 2)
    assert said.current == [1, 2, 2, 0, 1]


def test_there_are_so_many_repairs_a_quarter() -> None:
    said = told("1.2.2.2", rule(repairs_a_quarter=2))
    assert said.states == "apapama"


def test_a_repair_is_one_of_the_quarter_of_the_missed_week() -> None:
    said = told("1.2.2", rule(repairs_a_quarter=1), date(2026, 3, 16))
    assert said.states == "apapa"


def test_rest_weeks_dont_use_up_the_chance_to_repair() -> None:
    said = told("1.rr2", rule(repairs_a_quarter=1))
    assert said.states == "aprra"
    assert said.standings == "rabbr"
    resting = on(said.rows, MONDAY + timedelta(weeks=2))
    assert (resting.repair, resting.lost) == (2, 1)


def test_free_weeks_come_before_repairs() -> None:
    said = told("1.2..2.2", rule(free_weeks_a_quarter=2, repairs_a_quarter=1))
    assert said.states == "afafpama"


def test_a_repair_mends_the_last_missed_week_only() -> None:
    said = told("1..2", rule(repairs_a_quarter=5))
    assert said.states == "amma"


def test_a_week_that_repairs_must_be_active_itself() -> None:
    said = told("3.2", rule(acts_a_week=3, repairs_a_quarter=1))
    assert said.states == "amm"
    assert said.rows[-2].repair == 1
    assert told("3.3", rule(acts_a_week=3, repairs_a_quarter=1)).states == "apa"


def test_no_repairs_if_none_are_asked_for() -> None:
    assert told("1.9", rule(repair_acts=0, repairs_a_quarter=3)).states == "ama"


def test_the_longest_streak_stays() -> None:
    said = told("111.1", rule())
    assert said.longest == 3
    assert on(said.rows, MONDAY).longest == 1


def test_the_default_rule() -> None:
    said = told("1.1.1.2.1", RhythmRule())
    assert said.states == "afafapama"
    assert said.current[-1] == 1


def test_what_will_be_if_nothing_more_comes() -> None:
    said = told("1", RhythmRule())
    later = [on(said.rows, MONDAY + timedelta(weeks=number)) for number in range(1, 7)]
    assert [row.state for row in later] == ["free", "free", "missed", "missed", "missed", "missed"]
    assert [row.standing for row in later] == ["at risk", "at risk", "at risk", "broken", "broken", "broken"]
    assert [row.repair for row in later] == [0, 0, 0, 2, 0, 0]
    assert said.rows[-1].until is None
