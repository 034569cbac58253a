"""From when until when: each a position of the log, or a time, which is that of storing (when we knew).

A day stands for all of it (UTC): its beginning for from, its end for until.
"""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.errors import Malformed
from lrs.log.messages import MessageLog
from lrs.statement import formats

_queries = sql.load(__package__)
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)
_LARGEST = 2**63 - 1
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Bounds(NamedTuple):
    """Positions of the log, both included."""

    first: int
    last: int
    since: datetime | None
    """The time that ``first`` was given by, if it was."""
    until: datetime | None


def bounds(cursor: Cursor[TupleRow], log: MessageLog, since: str | None, until: str | None) -> Bounds:
    """Give the positions that two texts mean; None: the beginning, the end. Raises Malformed."""
    head = int(sql.one(cursor.execute(_queries.head))[0])
    begin, end = _read("from", since, time.min), _read("until", until, time.max)
    first = 1 if begin is None else _from(cursor, log, begin)
    last = head if end is None else end if isinstance(end, int) else log.position_at(cursor, end)
    if last > head:
        raise Malformed(f"until is {until}: the log ends at position {head}")
    if first > last + 1:
        raise Malformed(f"from ({since}) lies after until ({until or f'the end of the log, position {head}'})")
    return Bounds(first, last, _time(begin), _time(end))


def _from(cursor: Cursor[TupleRow], log: MessageLog, begin: int | datetime) -> int:
    if isinstance(begin, int):
        return begin
    return log.position_at(cursor, begin - timedelta(microseconds=1)) + 1


def _time(bound: int | datetime | None) -> datetime | None:
    return bound if isinstance(bound, datetime) else None


def _read(name: str, text: str | None, of_a_day: time) -> int | datetime | None:
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        position = int(text) if len(text) < 20 else 0
        if not 1 <= position <= _LARGEST:
            raise Malformed(f"{name} is {text[:100]}: positions of the log begin at 1")
        return position
    if _DAY.fullmatch(text):
        with suppress(ValueError):
            return _within(datetime.combine(date.fromisoformat(text), of_a_day, UTC))
    try:
        # A plus sign that arrives unencoded reads as a space.
        moment = formats.timestamp(text.replace(" ", "+"), "2.0.0")
    except ValueError:
        wanted = "a position of the log, a day such as 2026-01-31, or a time such as 2026-01-31T09:00:00Z"
        raise Malformed(f"{name} is {text[:100]!r}: it must be {wanted}") from None
    return _within(moment)


def _within(moment: datetime) -> datetime:
    """Give the moment in UTC, or the nearest one that can be told: in UTC it may lie before year 1 or after 9999."""
    return min(max(moment, _FIRST), _LAST).astimezone(UTC)
