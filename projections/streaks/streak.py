"""Streaks: weeks in a row with enough acts.

- *Active* is a week with enough acts, whatever calendars say: only these count, each as one.
- *Rest* weeks bridge: they neither break a streak nor add to it.
- Any other week has failed its streak. If the week's own quarter has free weeks left, it takes one and is *free*: it
  bridges too. Free weeks come first because they ask nothing of the learner and can be given at once; a repair
  is known a week later only. A free week that was taken stays taken, even if the streak breaks soon after: what
  was said of a week that is over changes only if its acts, or the next week's, do. Without a streak none are taken.
- Otherwise the week is *missed* and the streak broken. If the week's own quarter has repairs left, then an active week
  with at least ``repair_acts`` acts repairs it, if it is the next week, rest weeks left aside; the missed week is then
  *repaired*, bridges too, and the streak goes on. Any fewer acts begin a new streak, and the old one is lost.

So a week is decided by itself, the weeks before and, to be repaired, the next one. Nothing is bought.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from projections.streaks.rest import Rest
from projections.streaks.week import Quarter, Week, quarter_of
from schemas.policy import RhythmRule

WeekState = Literal["active", "rest", "free", "repaired", "missed"]
Standing = Literal["none", "running", "at risk", "broken"]

_ALL_WEEKS_OF_A_QUARTER = 14


class Step(NamedTuple):
    """How a learner stands in a week, and in the weeks after it up to the next step."""

    week: Week
    state: WeekState
    """What the week is once it is over."""
    standing: Standing
    """While it lasts, with the acts there are: *running* (rest included), *at risk* if it needs an act to be active,
    *broken*; *none* if there never was a streak."""
    current: int
    """Length of the streak, this week included; 0: broken."""
    longest: int
    """Length of the longest streak up to this week."""
    began: Week | None
    """First week of the current streak."""
    latest: Week | None
    """Latest active week."""
    repair: int = 0
    """So many more acts this week would repair the streak that broke; 0: can't, or needn't."""
    lost: int = 0
    """Length of the streak that would be repaired."""

    def lasts(self, after: "Step") -> bool:
        """Tell whether nothing is different in a later step."""
        return self._replace(week=after.week) == after


def steps(acts: Mapping[Week, int], rest: Rest, rule: RhythmRule, stops: Iterable[Week] = ()) -> list[Step]:
    """Walk through all time from the first week with acts (any number of them counts as a step).

    Between two steps nothing happens that would need one; ``stops`` are further weeks that get one anyway.
    """
    if not acts:
        return []
    first = min(acts)
    visits = sorted({*acts, *(week for week in stops if week > first)})
    walk = _Walk(rule)
    found: list[Step] = []
    week: Week | None = first
    while week is not None:
        count = acts.get(week, 0)
        found.append(walk.step(week, count, resting=week in rest))
        if walk.repaired is not None:
            place = next(i for i in range(len(found) - 1, -1, -1) if found[i].week == walk.repaired)
            found[place] = found[place]._replace(state="repaired")
        week = _next(week, visits, rest) if walk.steady and not count else week + 1
    return found


def _next(week: Week, visits: list[Week], rest: Rest) -> Week | None:
    place = bisect_right(visits, week)
    following = [*visits[place : place + 1], rest.change(week)]
    return min((week for week in following if week is not None), default=None)


class _Broken(NamedTuple):
    """A streak that the next week could repair."""

    missed: Week
    length: int
    began: Week | None


class _Walk:
    """Goes from week to week."""

    def __init__(self, rule: RhythmRule) -> None:
        self._rule = rule
        self._needed = max(rule.repair_acts, rule.acts_a_week, 1)
        self._free: Counter[Quarter] = Counter()
        self._repairs: Counter[Quarter] = Counter()
        self._current = self._longest = 0
        self._began: Week | None = None
        self._latest: Week | None = None
        self._broken: _Broken | None = None
        self.repaired: Week | None = None
        """The week that the last step repaired."""
        self.steady = False
        """Whether the weeks after the last step are the same, as long as nobody acts and rest doesn't begin or end."""

    def step(self, week: Week, acts: int, *, resting: bool) -> Step:
        self.repaired = None
        self.steady = False
        if acts >= self._rule.acts_a_week and acts > 0:
            return self._active(week, acts)
        if resting:
            self.steady = True
            return self._stand(week, "rest", "running", self._broken, acts)
        if self._current:
            return self._fail(week)
        broken, self._broken = self._broken, None
        self.steady = broken is None
        return self._stand(week, "missed", "running", broken, acts)

    def _active(self, week: Week, acts: int) -> Step:
        broken, self._broken = self._broken, None
        if broken is not None and acts >= self._needed:
            self._current, self._began, self.repaired = broken.length, broken.began, broken.missed
            self._repairs[quarter_of(broken.missed)] += 1
            broken = None
        if not self._current:
            self._began = week
        self._current += 1
        self._longest = max(self._longest, self._current)
        self._latest = week
        return self._stand(week, "active", "running", broken, acts)

    def _fail(self, week: Week) -> Step:
        """Take a free week, or else break the streak as soon as the week is over."""
        rule, quarter = self._rule, quarter_of(week)
        if self._free[quarter] < rule.free_weeks_a_quarter:
            self._free[quarter] += 1
            self.steady = rule.free_weeks_a_quarter >= _ALL_WEEKS_OF_A_QUARTER
            return self._stand(week, "free", "at risk")
        step = self._stand(week, "missed", "at risk")
        if rule.repair_acts > 0 and self._repairs[quarter] < rule.repairs_a_quarter:
            self._broken = _Broken(week, self._current, self._began)
        self._current, self._began = 0, None
        return step

    def _stand(
        self, week: Week, state: WeekState, alive: Standing, broken: _Broken | None = None, acts: int = 0
    ) -> Step:
        standing = alive if self._current else "broken" if self._longest else "none"
        repair, lost = (self._needed - acts, broken.length) if broken is not None else (0, 0)
        return Step(week, state, standing, self._current, self._longest, self._began, self._latest, repair, lost)
