"""The organisation's tables: each event's change, written in the transaction that appends the event."""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from msgspec import json, to_builtins
from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import Identifier

from lrs import sql
from schemas.configuration_event import SealedDetails
from schemas.organisation import Management, Membership, OrganisationChange, Person

_queries = sql.load(__package__)
TABLES: Final = ("people", "person_learners", "teams", "memberships", "managements")


def write_change(cursor: Cursor[TupleRow], change: OrganisationChange, sealed: Mapping[UUID, SealedDetails]) -> None:
    """Write what an event changes; ``cursor`` binds parameters itself (a ClientCursor)."""
    if change.removed_people:
        cursor.execute(_queries.drop_people, {"people": sql.uuids(change.removed_people)})
    if change.removed_teams:
        cursor.execute(_queries.drop_teams, {"teams": list(change.removed_teams)})
    if change.people:
        rows = [_row(person, sealed.get(person.id)) for person in change.people]
        cursor.execute(_queries.put_people, {"people": _text(rows)})
    if change.teams:
        rows = [{"parent": None, "existed": {}, **to_builtins(team)} for team in change.teams]
        cursor.execute(_queries.put_teams, {"teams": _text(rows)})
    _write_held(
        cursor, "memberships", "person", change.memberships, change.removed_memberships, change.added_memberships
    )
    _write_held(
        cursor, "managements", "manager", change.managements, change.removed_managements, change.added_managements
    )


def _write_held(
    cursor: Cursor[TupleRow],
    table: str,
    holder: str,
    whole: Collection[Membership | Management] | None,
    removed: Collection[Membership | Management],
    added: Collection[Membership | Management],
) -> None:
    names = {"table": Identifier(table), "holder": Identifier(holder)}
    if whole is not None:
        cursor.execute(_queries.clear.format(table=Identifier(table)))
    if removed:
        cursor.execute(_queries.drop_held.format(**names), {"held": _text(removed)})
    if added or whole:
        cursor.execute(_queries.put_held.format(**names), {"held": _text([*(whole or ()), *added])})


def _row(person: Person, sealed: SealedDetails | None) -> dict[str, Any]:
    details = {} if sealed is None else to_builtins(sealed)
    return {"learners": (), "employed": {}, **to_builtins(person), **details}


def _text(rows: object) -> str:
    return json.encode(rows).decode()
