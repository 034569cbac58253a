"""The walk against a slow reading of the same rules, week by week and backwards, as of each week."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.organisation import Period, Person, WorkingHours
from schemas.policy import Policy, RhythmRule
from tests.streaks.given import ANN, act, on, rows_of

_WEEK = timedelta(weeks=1)


class World(NamedTuple):
    """What is so."""

    start: date
    acts: dict[int, int]
    """By week after the start."""
    policy: Policy
    person: Person

    def monday(self, number: int) -> date:
        return self.start + number * _WEEK


class Oracle:
    """Says what is so in a week, knowing acts up to it."""

    def __init__(self, world: World, last: int) -> None:
        self.world, self.rule = world, world.policy.rhythm
        self.states: dict[int, str] = {}
        for number in range(min(world.acts), last + 1):
            self.states[number] = self._state(number)
            self._repair(number)

    def alive(self, number: int) -> bool:
        """Whether a streak enters this week."""
        before = number - 1
        while self.states.get(before) in ("rest", "free", "repaired"):
            before -= 1
        return self.states.get(before) == "active"

    def length(self, number: int) -> int:
        """Active weeks up to this one, back to the last break."""
        if self.states[number] == "missed":
            if not self.alive(number):
                return 0
            number -= 1
        active = 0
        while self.states.get(number, "missed") != "missed":
            active += self.states[number] == "active"
            number -= 1
        return active

    def longest(self) -> int:
        return max(self.length(number) for number in self.states)

    def standing(self, number: int) -> str:
        if not self.longest():
            return "none"
        if not self.length(number):
            return "broken"
        return "running" if self.states[number] in ("active", "rest") else "at risk"

    def _state(self, number: int) -> str:
        if self.world.acts.get(number, 0) >= self.rule.acts_a_week:
            return "active"
        if self._rests(number):
            return "rest"
        free = self.rule.free_weeks_a_quarter
        return "free" if self.alive(number) and self._said("free", number) < free else "missed"

    def _repair(self, number: int) -> None:
        missed = number - 1
        while self.states.get(missed) == "rest":
            missed -= 1
        if (
            self.states[number] == "active"
            and self.states.get(missed) == "missed"
            and self.alive(missed)
            and 0 < self.rule.repair_acts <= self.world.acts[number]
            and self._said("repaired", missed) < self.rule.repairs_a_quarter
        ):
            self.states[missed] = "repaired"

    def _said(self, state: str, number: int) -> int:
        """How many weeks of its quarter are so."""
        return sum(one == state and self._quarter(other) == self._quarter(number) for other, one in self.states.items())

    def _quarter(self, number: int) -> tuple[int, int]:
        year, week, _ = self.world.monday(number).isocalendar()
        return year, (date.fromisocalendar(year, week, 4).month + 2) // 3

    def _rests(self, number: int) -> bool:
        person = self.world.person
        working = person.hours.days if person.hours else (1, 2, 3, 4, 5)
        days = [self.world.monday(number) + timedelta(days=day) for day in range(7)]
        worked = [day for day in days if day.isoweekday() in working]
        off = [day for day in worked if self._off(day)]
        return len(off) >= self.rule.rest_days or off == worked != []

    def _off(self, day: date) -> bool:
        def within(period: Period) -> bool:
            return (period.first or date.min) <= day <= (period.last or date.max)

        person = self.world.person
        return (
            day.isoformat() in self.world.policy.holidays
            or not within(person.employed)
            or any(within(leave) for leave in person.leave)
        )


@st.composite
def periods(draw: st.DrawFn, start: date) -> Period:
    first = start + timedelta(days=draw(st.integers(-60, 300)))
    last = first + timedelta(days=draw(st.sampled_from([0, 1, 2, 3, 4, 5, 7, 9, 14, 30])))
    return Period(draw(st.sampled_from([first, first, first, None])), draw(st.sampled_from([last, last, last, None])))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    start = date.fromisocalendar(draw(st.integers(2018, 2030)), 1, 1) + draw(st.integers(0, 51)) * _WEEK
    weeks: Mapping[int, int] = draw(st.dictionaries(st.integers(0, 30), st.integers(1, 4), min_size=1))
    holidays = draw(st.lists(st.integers(0, 250), max_size=8))
    rhythm = RhythmRule(
        acts_a_week=draw(st.integers(1, 2)),
        free_weeks_a_quarter=draw(st.sampled_from([0, 1, 2, 3, 14])),
        repair_acts=draw(st.integers(0, 3)),
        repairs_a_quarter=draw(st.integers(0, 2)),
        rest_days=draw(st.integers(1, 5)),
    )
    person = Person(
        id=ANN,
        leave=tuple(draw(st.lists(periods(start), max_size=4))),
        hours=draw(
            st.none()
            | st.lists(st.integers(1, 7), unique=True, min_size=1).map(
                lambda days: WorkingHours(tuple(sorted(days)), time(9), time(17))
            )
        ),
        employed=draw(st.just(Period()) | periods(start)),
    )
    policy = Policy(
        rhythm=rhythm,
        holidays=tuple((start + timedelta(days=day)).isoformat() for day in holidays),
        time_zone="UTC",
    )
    return World(start, dict(weeks), policy, person)


@settings(max_examples=75)
@given(worlds())
def test_rows_say_what_a_slow_reading_says(world: World) -> None:
    acts = [
        act(datetime.combine(world.monday(number), time(12), UTC) + timedelta(days=number % 7, minutes=minute))
        for number, many in world.acts.items()
        for minute in range(many)
    ]
    rows = rows_of(acts, world.policy, world.person)
    first, last = min(world.acts), max(world.acts) + 40
    told = [on(rows, world.monday(number)) for number in range(first, last)]
    in_the_end = Oracle(world, last)
    assert [row.state for row in told] == [in_the_end.states[number] for number in range(first, last)]
    for number, row in zip(range(first, last), told, strict=True):
        known = Oracle(world, number)
        assert (row.standing, row.current, row.longest) == (
            known.standing(number),
            known.length(number),
            known.longest(),
        ), number
