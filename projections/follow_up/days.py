"""Days of a learner's life: calendar days in the zone they live in at the time.

A day lasts until the next one begins, each in the zone of its own: with daylight saving 23 or 25 hours, on a move
any number.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from schemas.organisation import Person
from schemas.policy import Policy

_DAY = timedelta(days=1)
_NEVER = datetime.max.replace(tzinfo=UTC)


class Days:
    """Turns moments into days and days into moments for one learner."""

    def __init__(self, policy: Policy, person: Person | None) -> None:
        zones = person.zones if person is not None else ()
        self._usual = policy.time_zone
        """Where nothing better is known, also before the first zone that is."""
        for zone in zones:
            if zone.since is None:
                self._usual = zone.name
        self._moves = [(zone.since, _begins(zone.since, zone.name), zone.name) for zone in zones if zone.since]
        self._moves.reverse()
        self._begins: dict[date, datetime] = {}

    def of(self, moment: datetime) -> date:
        """Give the day a moment is on."""
        name, until = self._usual, date.max
        for since, begins, zone in self._moves:
            if begins <= moment:
                name = zone
                break
            until = since - _DAY
        # Who moves west has the day before for longer.
        return min(moment.astimezone(ZoneInfo(name)).date(), until)

    def begin(self, day: date) -> datetime:
        """Give the moment a day begins, in UTC."""
        known = self._begins.get(day)
        return self._begins.setdefault(day, self._begin(day)) if known is None else known

    def _begin(self, day: date) -> datetime:
        name, until = self._usual, _NEVER
        for since, begins, zone in self._moves:
            if since <= day:
                name = zone
                break
            until = begins
        # Who moves far enough east leaves a day out.
        return min(_begins(day, name), until)

    def end(self, day: date) -> datetime:
        """Give the moment a day is over, in UTC: that at which the next one begins."""
        return self.begin(day + _DAY)


@lru_cache(maxsize=16_384)
def _begins(day: date, zone: str) -> datetime:
    # Where clocks skip midnight, Python takes the offset before the jump: the moment of the jump, in UTC. Where
    # midnight comes twice, it takes the first.
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
