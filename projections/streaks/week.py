"""Weeks of ISO 8601, numbered: the week of Monday 1 January of the year 1 is 0."""

from datetime import date
from functools import lru_cache

Week = int
Quarter = tuple[int, int]
"""Year, and 0 to 3."""

UNIX_EPOCH = date(1970, 1, 1).toordinal()


def week_of(day: int) -> Week:
    """Give the week of a day (a proleptic Gregorian ordinal, as ``date.toordinal`` has it)."""
    return (day - 1) // 7


@lru_cache(maxsize=4096)
def monday(week: Week) -> date:
    """Give the day a week begins on."""
    return date.fromordinal(week * 7 + 1)


@lru_cache(maxsize=4096)
def quarter_of(week: Week) -> Quarter:
    """Give the quarter a week belongs to: that of its Thursday, as ISO 8601 decides to which year a week belongs."""
    thursday = date.fromordinal(week * 7 + 4)
    return thursday.year, (thursday.month - 1) // 3
