"""As of when an answer holds: now, or any earlier position or time of the log."""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.insights.store import InsightStore
from lrs.problem import Problem
from lrs.statement import formats

_queries = sql.load(__package__)
_LARGEST: Final = 2**63 - 1
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Years near the first can't be reckoned with."""
_WANTED: Final = "a position of the log, or a time such as 2026-01-31T09:00:00Z"


class Moment(NamedTuple):
    """When, and how much of the log is known then."""

    now: datetime
    """What reads take for now."""
    position: int | None
    """Up to where the log is known; None: as far as the projection has come."""

    @property
    def live(self) -> bool:
        """Whether the tables as they stand answer."""
        return self.position is None


def parse(text: str | None, now: datetime) -> int | datetime | None:
    """Read the query parameter ``as_of``; None is live. Raises a Problem 400."""
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        position = int(text) if len(text) < 20 else _LARGEST + 1
        if not 1 <= position <= _LARGEST:
            raise Problem(400, f"as_of is {text[:100]}: positions of the log begin at 1")
        return position
    try:
        # A plus sign that arrives unencoded reads as a space.
        moment = formats.timestamp(text.replace(" ", "+"), "2.0.0")
    except ValueError:
        raise Problem(400, f"as_of is {text[:100]!r}: it must be {_WANTED}") from None
    if moment < _FIRST:
        raise Problem(400, f"as_of is {text[:100]}: no log is that old; it must be in 1970 or later")
    if moment > now:
        raise Problem(400, f"as_of is {text[:100]}: that lies in the future; it is {now:%Y-%m-%dT%H:%M:%S.%fZ} now")
    return moment.astimezone(UTC)


def resolve(cursor: Cursor[TupleRow], store: InsightStore, asked: int | datetime | None, now: datetime) -> Moment:
    """Find the other half of what was asked: the position of a time, the time of a position. Raises a Problem 400."""
    match asked:
        case None:
            return Moment(now, None)
        case datetime():
            return Moment(asked, store.log.position_at(cursor, asked))
    row = cursor.execute(_queries.position_of, {"position": asked}).fetchone()
    if row is None:
        head = sql.one(cursor.execute(_queries.head))[0]
        raise Problem(400, f"as_of is {asked}: that lies in the future; the log ends at position {head}")
    return Moment(row[0].astimezone(UTC), asked)
