"""How far what is read is behind the log."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.insights import moment
from lrs.insights.answer import Lag, Stand
from lrs.log.published import TOPICS
from lrs.problem import Problem

_queries = sql.load(__package__)


def _least(rows: Cursor[TupleRow], projections: Iterable[str]) -> tuple[int, int]:
    """Give the position, and the policy and vocabulary by their position, that all these projections have."""
    stands = {name: (position, meaning) for name, position, _, meaning, *_ in rows.execute(_queries.projected)}
    positions, meanings = zip(*(stands.get(name, (0, 0)) for name in projections), strict=True)
    return min(positions), min(meanings)


def lag(rows: Cursor[TupleRow], store_head: int, position: int, meaning: int, now: datetime) -> Lag:
    """Give how far a position is behind the log, and whether policy or vocabulary changed up to there."""
    changed = rows.execute(_queries.last_meaning, {"up_to": position}).fetchone()
    earlier_policy = changed is not None and changed[0] > meaning
    waiting = rows.execute(_queries.waiting, {"position": position, "topics": TOPICS}).fetchone()
    if waiting is None:
        return Lag(0, 0.0, earlier_policy)
    return Lag(store_head - position, max(0.0, (now - waiting[1]).total_seconds()), earlier_policy)


def stand(rows: Cursor[TupleRow], projections: tuple[str, ...], when: moment.Moment, now: datetime) -> Stand:
    """Say as of when an answer from these projections is, and how far they are behind."""
    if when.position is not None:
        return Stand(when.position, when.now, Lag(0, 0.0))
    head = int(sql.one(rows.execute(_queries.head))[0])
    if not projections:
        return Stand(head, when.now, Lag(0, 0.0))
    position, meaning = _least(rows, projections)
    return Stand(position, when.now, lag(rows, head, position, meaning, now))


class Missing(NamedTuple):
    """Why an answer has to wait."""

    reached: int
    reason: str


def missing(rows: Cursor[TupleRow], projections: tuple[str, ...], position: int) -> Missing | None:
    """Give what these projections lack of what is at a position or before. Raises a Problem 400.

    A change of policy or vocabulary is taken in once the tables are made anew by it. That may take long, so only who
    waits for that very change waits for it.
    """
    head = int(sql.one(rows.execute(_queries.head))[0])
    if position > head:
        raise Problem(400, f"wait_for is {position}: the log ends at position {head}")
    if not projections:
        return None
    reached, meaning = _least(rows, projections)
    waiting = rows.execute(_queries.waiting, {"position": reached, "topics": TOPICS}).fetchone()
    if waiting is not None and waiting[0] <= position:
        holds = f"the answer holds everything up to position {reached}, and not yet up to {position}: ask again"
        return Missing(reached, holds)
    changed = rows.execute(_queries.last_meaning, {"up_to": position}).fetchone()
    if changed == (position,) and meaning < position:
        return Missing(reached, f"the answer isn't by the policy or vocabulary of position {position} yet: ask again")
    return None
