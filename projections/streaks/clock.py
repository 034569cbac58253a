"""A learner's own clock: which local day it was when, in zones that move."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from projections.streaks.fold import FIRST, LAST, SLOT
from projections.streaks.week import UNIX_EPOCH, Week, monday, week_of
from schemas.organisation import Zone

_DAY = 24 * 60 * 60
_FIRST_DAY = FIRST.date()


class Clock:
    """Tells local days; ``default`` is the zone where ``zones`` (oldest first) names none.

    A zone holds from the midnight there with which its first day begins. Raises ``ZoneInfoNotFoundError`` for a name
    that is none.
    """

    def __init__(self, zones: Sequence[Zone], default: str) -> None:
        if not zones or zones[0].since is not None:
            zones = (Zone(default), *zones)
        self._zones = [ZoneInfo(zone.name) for zone in zones]
        self._days = [max(zone.since or _FIRST_DAY, _FIRST_DAY) for zone in zones[1:]]
        self._starts = [
            int(_midnight(day, zone).timestamp()) // SLOT for day, zone in zip(self._days, self._zones[1:], strict=True)
        ]

    def days(self, slots: Collection[int]) -> Iterator[tuple[int, int]]:
        """Give each of some slots, in order, with the ordinal of its local day.

        They lie in one week or so: if zone and offset are the same at both ends, they are in between.
        """
        ordered = sorted(slots)
        first, last = ordered[0], ordered[-1]
        zone, offset = self._zone_at(first), self._offset(first)
        steady = zone == self._zone_at(last) and offset == self._offset(last)
        for slot in ordered:
            yield slot, (slot * SLOT + (offset if steady else self._offset(slot))) // _DAY + UNIX_EPOCH

    def begin(self, week: Week) -> datetime:
        """Give the moment a week begins for the learner, in UTC."""
        day = monday(week)
        return _midnight(day, self._zone_on(day))

    def zone(self, week: Week) -> str:
        """Give the name of the zone in force when a week ends."""
        return self._zone_on(monday(week) + timedelta(days=6)).key

    def moves(self) -> list[Week]:
        """Give the weeks in which the learner moves to another zone, and those after, which begin in it."""
        return [week_of(day.toordinal()) + after for day in self._days if day < LAST.date() for after in (0, 1)]

    def _zone_at(self, slot: int) -> int:
        return bisect_right(self._starts, slot)

    def _zone_on(self, day: date) -> ZoneInfo:
        return self._zones[bisect_right(self._days, day)]

    def _offset(self, slot: int) -> int:
        """Seconds east of Greenwich."""
        offset = datetime.fromtimestamp(slot * SLOT, self._zones[self._zone_at(slot)]).utcoffset()
        assert offset is not None, "every zone has an offset"  # noqa: S101
        return offset.days * _DAY + offset.seconds


@lru_cache(maxsize=16384)
def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """Give when a day begins, in UTC. A midnight that a clock skips is the moment it does; of two, the first counts."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
