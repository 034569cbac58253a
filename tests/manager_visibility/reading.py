"""Asks manager visibility about May's shop."""

from datetime import datetime
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from projections.manager_visibility import read
from projections.manager_visibility.read import Query
from tests.manager_visibility.given import ALWAYS, ANN, BEN, MAY, Organisation, moment

NOW = moment("2026-06-01T12:00")
TRAINED, TALK = "2026-05-04T10:00", "2026-05-05T10:00"
SHOP = Organisation(
    teams={"shop": None},
    managements=[(MAY, "shop", ALWAYS)],
    memberships=[(ANN, "shop", ALWAYS), (BEN, "shop", ALWAYS)],
)


def detail_of(cursor: Cursor[TupleRow], manager: UUID = MAY, now: datetime = NOW) -> read.Detail:
    """What there is to say of a manager; figures are the same in a list, and count their evidence."""
    detail = read.detail(cursor, manager, now)
    assert detail is not None
    for one in read.managers(cursor, Query(managers=[manager]), now).managers:
        assert one == detail.manager
    counts = detail.manager.check_ins
    assert sum(getattr(counts, name) for name in counts.__struct_fields__) == len(detail.check_ins)
    assert detail.manager.longer.acts == len(detail.acts)
    assert detail.manager.recent.acts == sum(act.recent for act in detail.acts)
    assert detail.manager.rhythm.weeks == len(detail.weeks)
    return detail


def figures(cursor: Cursor[TupleRow], manager: UUID = MAY, now: datetime = NOW) -> read.Manager:
    """A manager's figures."""
    return detail_of(cursor, manager, now).manager


def status(cursor: Cursor[TupleRow], learner: UUID = ANN, manager: UUID = MAY, now: datetime = NOW) -> str | None:
    """How a manager stands in the one check-in that somebody's training asks for; None: in none."""
    found = [one.status.value for one in detail_of(cursor, manager, now).check_ins if one.learner == learner]
    assert len(found) <= 1
    return found[0] if found else None
