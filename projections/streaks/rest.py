"""Rest weeks: those with so much leave, or so many holidays, that nobody expects an act."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from projections.streaks.fold import FIRST, LAST
from projections.streaks.week import Week, week_of
from schemas.organisation import Period, Person
from schemas.policy import Policy

_MONDAY_TO_FRIDAY = (1, 2, 3, 4, 5)
_BEGIN, _END = FIRST.toordinal() - 366, LAST.toordinal() + 366
Range = tuple[int, int]
"""Days (ordinals) or weeks, from the first up to but not including the second."""


class Rest:
    """Which weeks are rest weeks: ranges of weeks that neither touch nor overlap, in order."""

    def __init__(self, ranges: list[Range]) -> None:
        self._begins = [begin for begin, _ in ranges]
        self._ends = [end for _, end in ranges]

    def __contains__(self, week: Week) -> bool:
        place = bisect_right(self._begins, week)
        return place > 0 and week < self._ends[place - 1]

    def change(self, week: Week) -> Week | None:
        """Give the first week after this one that is a rest week when this one isn't or the other way round."""
        place = bisect_right(self._begins, week)
        if place > 0 and week < self._ends[place - 1]:
            end = self._ends[place - 1]
            return end if end < week_of(_END) else None
        return self._begins[place] if place < len(self._begins) else None


def rest_of(person: Person | None, policy: Policy) -> Rest:
    """Give somebody's rest weeks.

    A week is one if at least ``rest_days`` of its working days are off: leave, a holiday, before or after employment.
    Or if all of its working days are, for those who work fewer. Days that aren't worked anyway are no days off.
    """
    working = set(person.hours.days if person and person.hours else _MONDAY_TO_FRIDAY)
    if not working:
        return Rest([])
    enough = min(policy.rhythm.rest_days, len(working))
    whole: list[Range] = []
    parts: defaultdict[Week, set[int]] = defaultdict(set)
    for begin, end in _merged(_days_off(person, policy)):
        first, last = week_of(begin), week_of(end - 1)
        whole.append((first + 1, last))
        for week in (first, last):
            parts[week].update(range(max(begin, week * 7 + 1), min(end, week * 7 + 8)))
    for week, days in parts.items():
        # The ordinal 1 is a Monday.
        off = sum((day - 1) % 7 + 1 in working for day in days)
        if off and off >= enough:
            whole.append((week, week + 1))
    return Rest(_merged(whole))


def _days_off(person: Person | None, policy: Policy) -> Iterator[Range]:
    for day in policy.holidays:
        yield from _days(Period(date.fromisoformat(day), date.fromisoformat(day)))
    if person is None:
        return
    for leave in person.leave:
        yield from _days(leave)
    employed = person.employed
    if employed.first is not None:
        yield _BEGIN, min(max(employed.first.toordinal(), _BEGIN), _END)
    if employed.last is not None:
        yield min(max(employed.last.toordinal() + 1, _BEGIN), _END), _END


def _days(period: Period) -> Iterator[Range]:
    begin = _BEGIN if period.first is None else period.first.toordinal()
    end = _END if period.last is None else period.last.toordinal() + 1
    yield min(max(begin, _BEGIN), _END), min(max(end, _BEGIN), _END)


def _merged(ranges: Iterable[Range]) -> list[Range]:
    merged: list[Range] = []
    for begin, end in sorted(ranges):
        if begin >= end:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged
