"""Words to say what a learner did, and what follow-up makes of it."""

import itertools
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import msgpack
from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from projections.follow_up import PROJECTION
from projections.follow_up.fold import State
from projections.follow_up.rows import PLANS, STEPS
from projections.projection import Rows
from schemas.act import ActKind, LearningAct
from schemas.organisation import Person, Zone
from schemas.policy import FollowUpRule, Policy, StepRule

ANN, BEN, MAY = (UUID(int=number) for number in (0xA, 0xB, 0xC))
COURSE = "http://adlnet.gov/expapi/activities/course"
FIRE, FIRST_AID = "https://example.org/courses/fire", "https://example.org/courses/first-aid"
UTC_ONLY = Policy(time_zone="UTC")
_numbers = itertools.count(1)


def moment(text: str) -> datetime:
    """Give a moment of ISO 8601, in UTC if it names no zone."""
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def day(text: str) -> date:
    """Give a day of ISO 8601."""
    return date.fromisoformat(text)


def act(at: str | datetime, kind: ActKind, activity: str = "", **more: Any) -> LearningAct:
    """An act of Ann's, recorded after those made before it."""
    number = next(_numbers)
    happened = moment(at) if isinstance(at, str) else at
    known = {"statement": UUID(int=number), "position": number, "stored": happened, "actor": ANN}
    return LearningAct(**{**known, "at": happened, "kind": kind, "activity": activity, **more})


def completed(at: str | datetime, activity: str = FIRE, **more: Any) -> LearningAct:
    """Ann completed a course."""
    return act(at, **{"kind": ActKind.COMPLETED, "activity": activity, "activity_type": COURSE, **more})


def reflected(at: str | datetime, activity: str = FIRE, **more: Any) -> LearningAct:
    """Ann reflected on it."""
    return act(at, ActKind.REFLECTED, activity, **more)


def practised(at: str | datetime, activity: str = FIRE, **more: Any) -> LearningAct:
    """Ann practised it."""
    return act(at, ActKind.PRACTISED, activity, **more)


def waived(at: str | datetime, activity: str = FIRE, **more: Any) -> LearningAct:
    """May waived what should follow for Ann."""
    return act(at, ActKind.WAIVED, activity, **{"actor": MAY, "concerns": (ANN,), **more})


def living_in(*zones: str | tuple[str, str]) -> Person:
    """Ann, living in these zones: names, or names and since when."""
    return Person(
        id=ANN, zones=tuple(Zone(zone) if isinstance(zone, str) else Zone(zone[0], day(zone[1])) for zone in zones)
    )


def policy(*steps: StepRule, **more: Any) -> Policy:
    """A policy of these steps, where days are UTC's unless said otherwise."""
    return Policy(**{"time_zone": "UTC", "follow_up": FollowUpRule(steps=steps), **more})


def state_of(acts: Iterable[LearningAct], learner: UUID = ANN) -> State:
    """Give the state after some acts; each time as it comes back from the database."""
    state = PROJECTION.state()
    for one in acts:
        state = PROJECTION.fold(state, learner, one)
    return msgpack.decode(msgpack.encode(state), type=State)


def rows_of(
    acts: Iterable[LearningAct], policy: Policy = UTC_ONLY, person: Person | None = None, learner: UUID = ANN
) -> Rows:
    """Give a learner's rows after some acts."""
    return PROJECTION.rows(state_of(acts, learner), learner, policy, person)


class Seen(NamedTuple):
    """A step, as tests look at it."""

    opens: datetime
    soon: datetime
    due: datetime
    due_on: date
    lapses: datetime
    decided: datetime | None
    waived: bool
    evidence: UUID | None
    rule: str | None
    by: UUID | None


def plans_of(rows: Rows) -> list[dict[str, Any]]:
    """Give the plans by the names of their columns."""
    return [dict(zip(PLANS.columns, row, strict=True)) for row in rows[PLANS.name]]


def steps_of(rows: Rows, plan: LearningAct | None = None) -> dict[str, Seen]:
    """Give the steps of a plan, or of the only one, by their names."""
    if plan is None:
        assert len(rows[PLANS.name]) == 1
    found = [dict(zip(STEPS.columns, row, strict=True)) for row in rows[STEPS.name]]
    return {
        row["step"]: Seen(*(row[name] for name in Seen._fields))
        for row in found
        if plan is None or row["plan"] == plan.statement
    }


def decided(rows: Rows, plan: LearningAct | None = None) -> dict[str, tuple[UUID | None, str | None]]:
    """Give evidence and rule of those steps that were decided."""
    return {name: (seen.evidence, seen.rule) for name, seen in steps_of(rows, plan).items() if seen.evidence}


def put(cursor: Cursor[TupleRow], rows: Rows) -> None:
    """Write rows into the tables."""
    for table in PROJECTION.tables:
        columns = SQL(", ").join(map(Identifier, table.columns))
        copying = SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(Identifier(table.name), columns)
        with cursor.copy(copying) as copy:
            copy.set_types(table.types)
            for row in rows[table.name]:
                copy.write_row(row)
