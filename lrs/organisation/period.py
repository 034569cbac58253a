"""Reckoning with days: periods that begin, end, touch and overlap."""

from collections.abc import Iterable
from datetime import date, timedelta

from schemas.organisation import Period

ALWAYS = Period()
_DAY = timedelta(days=1)


def first(period: Period) -> date:
    """Give the first day; the calendar's first if there is no limit."""
    return period.first or date.min


def last(period: Period) -> date:
    """Give the last day; the calendar's last if there is no limit."""
    return period.last or date.max


def contains(period: Period, day: date) -> bool:
    """Tell if a day is in a period."""
    return first(period) <= day <= last(period)


def within(period: Period, limits: Period) -> Period | None:
    """Give the part of a period that lies within limits, if there is one."""
    begin, end = max(first(period), first(limits)), min(last(period), last(limits))
    if begin > end:
        return None
    return Period(None if begin == date.min else begin, None if end == date.max else end)


def before(period: Period, day: date) -> Period | None:
    """Give the part of a period before a day, if there is one."""
    return within(period, Period(None, day - _DAY)) if day > date.min else None


def joined(periods: Iterable[Period]) -> tuple[Period, ...]:
    """Give the same days in as few periods as possible, oldest first."""
    found: list[Period] = []
    for period in sorted(periods, key=first):
        if found and (last(found[-1]) == date.max or first(period) <= last(found[-1]) + _DAY):
            found[-1] = Period(found[-1].first, max(found[-1], period, key=last).last)
        else:
            found.append(period)
    return tuple(found)
