"""What one person did, when, and when it was sent. Everything random about somebody comes from their own dice."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, NamedTuple, TypeVar
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from lrs.demo.cast import Cast, Member

T = TypeVar("T")
_SPACE = UUID("5d2a7c9e-4a0f-5c56-9d1b-0f6e5a3b7c11")
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


class Sent(NamedTuple):
    """A statement, and when its tool sent it: later than it happened if the tool was offline."""

    sent: datetime
    statement: dict[str, Any]


class Diary:
    """Keeps what somebody does; nothing on or after the last day, which isn't over."""

    def __init__(self, cast: Cast, member: Member, seed: int, offline: float) -> None:
        self.member = member
        self.random = Random(f"{seed}/{member.email}")
        self.sent: list[Sent] = []
        self._cast = cast
        self._space = uuid5(_SPACE, f"{seed}/{cast.end}/{member.email}")
        self._zone = ZoneInfo(member.special.zone)
        self._offline = offline
        self._ids = 0
        self._end = datetime.combine(cast.end, time(), UTC)

    def happens(self, chance: float) -> bool:
        """Throw the dice."""
        return self.random.random() < chance

    def one_of(self, things: Sequence[T]) -> T:
        """Pick one."""
        return things[self.random.randrange(len(things))]

    def new_id(self) -> str:
        """Give an id nothing else has, the same in every run."""
        self._ids += 1
        return str(uuid5(self._space, str(self._ids)))

    def moment(self, day: date, hours: str) -> datetime | None:
        """Give a moment on a day, or soon after if they don't work then; None: it hasn't come yet.

        ``hours`` are those of the *office*, an *evening* or a weekend, or the *morning* when a course begins.
        """
        while self.member.away(day) or (day.weekday() > 4 and hours != "evening"):
            day += _DAY
        if hours == "morning":
            minutes = 9 * 60
        elif hours == "office" or (day.weekday() < 5 and self.happens(0.12)):
            minutes = self.random.randint(9 * 60, 16 * 60 + 30)
        elif day.weekday() < 5:
            minutes = self.random.randint(19 * 60 + 45, 22 * 60 + 30)
        else:
            minutes = self.random.randint(10 * 60, 22 * 60)
        moment = datetime.combine(day, time(), self._zone).astimezone(UTC) + minutes * _MINUTE
        moment += timedelta(seconds=self.random.randint(0, 59))
        return moment if moment < self._end else None

    def write(self, at: datetime | None, statement: dict[str, Any]) -> str:
        """Note a statement that happened at a moment; gives its id, empty if that moment hasn't come yet."""
        id_ = self.new_id()
        if at is None or at >= self._end:
            return ""
        sent = at
        if self.happens(self._offline):
            sent = min(at + timedelta(days=self.random.randint(2, 18)), self._end)
        shown = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.sent.append(Sent(sent, {"id": id_, **statement, "timestamp": shown}))
        return id_
