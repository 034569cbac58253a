"""Gives who looked at somebody's data."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta, Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.seal import Keyring

_queries = sql.load(__package__)
_MOST: Final = 100_000


class Access(Struct, frozen=True):
    """Somebody looked, on one day, once or more often."""

    day: Annotated[date, Meta(description="UTC")]
    kind: Literal["person", "program", "command line"]
    name: Annotated[str | None, Meta(description="Of the person, or the program's label; null: was forgotten since")]
    means: Annotated[str, Meta(description="What was read")]
    times: int
    first: datetime
    last: datetime


def accesses_of(
    cursor: Cursor[TupleRow], keyring: Keyring, persons: Collection[UUID], limit: int = _MOST
) -> list[Access]:
    """Give who looked at the data of these ids, the latest first."""
    rows = cursor.execute(_queries.accesses_of, {"persons": list(persons), "limit": limit}).fetchall()
    keys = keyring.by_id(cursor, {row[4] for row in rows if row[4] is not None})
    found = []
    for day, reader, kind, label, key_id, sealed, means, times, first, last in rows:
        name = label
        if key_id in keys:
            name = keys[key_id].unseal(bytes(sealed), bound_to(reader)).decode()
        found.append(Access(day, kind, name, means, times, first.astimezone(UTC), last.astimezone(UTC)))
    return found


def bound_to(reader: UUID) -> bytes:
    """Give what the sealed name of a reader is bound to."""
    return b"reader" + reader.bytes


def forget(cursor: Cursor[TupleRow], persons: Collection[UUID]) -> None:
    """Take out what is kept of persons who are forgotten: who looked at them, and that it was them who looked.

    First of what takes rows out in a transaction: who notes something waits for rows of persons, too.
    """
    parameters = {"persons": list(persons)}
    cursor.execute(_queries.no_notes)
    cursor.execute(_queries.forget_looked_at, parameters)
    cursor.execute(_queries.forget_readers, parameters)
