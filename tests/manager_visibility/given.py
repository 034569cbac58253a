"""Words to say what people did and who managed whom, and what manager visibility makes of it."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import msgpack
from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from projections.manager_visibility import PROJECTION
from projections.manager_visibility.fold import State
from projections.projection import Rows
from schemas.act import ActKind, LearningAct
from schemas.organisation import Person, Zone
from schemas.policy import Policy

# May, Max and Mia manage; Ann, Ben, Cas and Dee are managed.
MAY, MAX, MIA, ANN, BEN, CAS, DEE = (UUID(int=number) for number in range(0xA1, 0xA8))
EVERYBODY = (MAY, MAX, MIA, ANN, BEN, CAS, DEE)
COURSE = "http://adlnet.gov/expapi/activities/course"
FIRE, FIRST_AID = "https://example.org/courses/fire", "https://example.org/courses/first-aid"
UTC_ONLY = Policy(time_zone="UTC")
ALWAYS = "(,)"
_numbers = itertools.count(1)


def moment(text: str) -> datetime:
    """Give a moment of ISO 8601, in UTC if it names no zone."""
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def act(by: UUID, at: str | datetime, kind: ActKind, activity: str = "", **more: Any) -> LearningAct:
    """Somebody's act, recorded when it happened and after those made before it."""
    number = next(_numbers)
    happened = moment(at) if isinstance(at, str) else at
    known = {"statement": UUID(int=number), "position": number, "stored": happened, "actor": by}
    return LearningAct(**{**known, "at": happened, "kind": kind, "activity": activity, **more})


def shared(by: UUID, at: str | datetime, **more: Any) -> LearningAct:
    """Somebody shared something."""
    return act(by, at, ActKind.SHARED, **more)


def completed(by: UUID, at: str | datetime, activity: str = FIRE, **more: Any) -> LearningAct:
    """Somebody completed a course."""
    return act(by, at, ActKind.COMPLETED, activity, **{"activity_type": COURSE, **more})


def checked_in(by: UUID, at: str | datetime, *others: UUID, activity: str = FIRE, **more: Any) -> LearningAct:
    """Somebody had a check-in with others about a course."""
    return act(by, at, ActKind.CHECKED_IN, activity, concerns=tuple(sorted(others)), **more)


def living_in(*zones: str | tuple[str, str], person: UUID = ANN) -> Person:
    """Somebody living in these zones: names, or names and since when."""
    known = (
        Zone(zone) if isinstance(zone, str) else Zone(zone[0], datetime.fromisoformat(zone[1]).date()) for zone in zones
    )
    return Person(id=person, zones=tuple(known))


def state_of(acts: Iterable[LearningAct], learner: UUID = ANN) -> State:
    """What is kept of a learner after these acts, having been put away after each."""
    state = State()
    for one in acts:
        if learner in (one.actor, *one.concerns):
            state = PROJECTION.fold(state, learner, one)
            state = msgpack.decode(msgpack.encode(state), type=State)
    return state


def rows_of(
    *acts: LearningAct, learner: UUID = ANN, policy: Policy = UTC_ONLY, person: Person | None = None
) -> dict[str, list[dict[str, Any]]]:
    """A learner's rows by table, with the columns named."""
    rows = PROJECTION.rows(state_of(acts, learner), learner, policy, person)
    return {
        table.name.removeprefix("manager_visibility_"): [
            dict(zip(table.columns, row, strict=True)) for row in rows[table.name]
        ]
        for table in PROJECTION.tables
    }


class Organisation(NamedTuple):
    """Who manages whom: (person, team, days) and (team, parent); everybody works here all the time unless said."""

    teams: Mapping[str, str | None]
    managements: Sequence[tuple[UUID, str, str]]
    memberships: Sequence[tuple[UUID, str, str]]
    employed: Mapping[UUID, str] = {}
    existed: Mapping[str, str] = {}


def put(
    cursor: Cursor[TupleRow], acts: Iterable[LearningAct], organisation: Organisation, policy: Policy = UTC_ONLY
) -> None:
    """Fill the tables with what acts and organisation make of them, instead of what is there."""
    acts = list(acts)
    everybody = {person for one in acts for person in (one.actor, *one.concerns)}
    for table in ("people", "teams", "memberships", "managements", *(table.name for table in PROJECTION.tables)):
        cursor.execute(SQL("DELETE FROM {}").format(Identifier(table)))
    for person in everybody.union(EVERYBODY):
        employed = organisation.employed.get(person, ALWAYS)
        cursor.execute(
            "INSERT INTO people (person, learners, locale, zones, leave, employed) VALUES (%s, %s, '', '[]', '[]', %s)",
            [person, [person], employed],
        )
    for team, parent in organisation.teams.items():
        existed = organisation.existed.get(team, ALWAYS)
        cursor.execute("INSERT INTO teams VALUES (%s, %s, %s, %s)", [team, f"Team {team}", parent, existed])
    for management in organisation.managements:
        cursor.execute("INSERT INTO managements VALUES (%s, %s, %s)", management)
    for membership in organisation.memberships:
        cursor.execute("INSERT INTO memberships VALUES (%s, %s, %s)", membership)
    for person in everybody:
        _copy(cursor, PROJECTION.rows(state_of(acts, person), person, policy, None))


def _copy(cursor: Cursor[TupleRow], rows: Rows) -> None:
    for table in PROJECTION.tables:
        columns = SQL(", ").join(map(Identifier, table.columns))
        into = SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(Identifier(table.name), columns)
        with cursor.copy(into) as copy:
            copy.set_types(table.types)
            for row in rows[table.name]:
                copy.write_row(row)
