"""What others than consumers do with folds and their tables.

They ask them as of a moment, follow a person's history, take a person out of them and see what is held of one.
Tables as of a moment are temporary ones, made by folding the log up to there, that the same reads answer from.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import Identifier

from projections import sql
from projections.all import NAMES, projection_named
from projections.replay.batch import effective
from projections.replay.configuration import Configuration, People
from projections.replay.fold import Broken, fold, rows_of
from projections.replay.history import History, Pages
from projections.replay.row_change import RowChange
from projections.replay.step import Known, LeftOut, Step, Under
from projections.replay.tables import Tables, rows_of_table, shadow
from schemas.message import Message
from schemas.organisation import Organisation

_queries = sql.load(__package__)

__all__ = [
    "HOLD",
    "NAMES",
    "HeldRows",
    "History",
    "Known",
    "LeftOut",
    "People",
    "RowChange",
    "Step",
    "Under",
    "as_of",
    "behind",
    "erase",
    "history",
    "kept",
    "organisation_of",
    "overtake",
    "rows_held",
]


class HeldRows(NamedTuple):
    """Rows that a table of a projection holds about somebody."""

    projection: str
    table: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def history(names: Iterable[str], person: UUID, ids: Collection[UUID], past: Callable[[int], Pages]) -> History:
    """Begin the history of a person in these projections; see ``History``. Raises KeyError for an unknown one."""
    return History([projection_named(name) for name in names], person, ids, past)


def organisation_of(configuration: Iterable[Message]) -> Organisation:
    """Give the organisation after these changes."""
    return Configuration.shipped().after(configuration).organisation


def rows_held(cursor: Cursor[TupleRow], learners: Collection[UUID]) -> list[HeldRows]:
    """Give all rows about these learners, table by table, tables without any too."""
    return [
        HeldRows(name, table.name, table.columns, rows_of_table(cursor, table, learners))
        for name in NAMES
        for table in projection_named(name).tables
    ]


def as_of(
    cursor: Cursor[TupleRow],
    projection_name: str,
    messages: Iterable[Message],
    configuration: Iterable[Message],
    learners: Collection[UUID] | None,
) -> None:
    """Make the projection's tables as they would be after these messages; they are gone when the transaction ends.

    ``messages`` are all statements up to a position, or all about these ``learners``; ``configuration`` all changes up
    to there. Only the rows of the persons that these learners are, are made; None: everybody's. What the reads join
    besides (people, teams) stays as it is. Must be called in a transaction; raises KeyError for an unknown projection.
    """
    projection: Any = projection_named(projection_name)
    settings = Configuration.shipped().after(configuration)
    only = None if learners is None else {settings.people.person_of(learner) for learner in learners}
    folded = fold(projection, {}, effective(list(messages), settings), only)
    empty = projection.state()
    rows = {
        person: rows_of(projection, state, person, settings)
        for person, state in folded.states.items()
        if state != empty
    }
    tables = Tables(projection)
    shadow(cursor, [table.name for table in projection.tables])
    tables.write_rows(cursor, {person: one for person, one in rows.items() if not isinstance(one, Broken)})


def kept(cursor: Cursor[TupleRow], persons: Collection[UUID]) -> dict[str, int]:
    """Count the rows that each projection has of these persons, by its name."""
    return {name: sum(_count(cursor, table.name, persons) for table in projection_named(name).tables) for name in NAMES}


HOLD: Final = _queries.hold
"""Keeps all projections where they are until the transaction ends. To be run before the store's lock is taken: whoever
folds a batch ends it first, which may take longer than all who append should wait."""


def overtake(cursor: Cursor[TupleRow]) -> None:
    """Have whoever folds meanwhile look again; call it where they are held."""
    cursor.execute(_queries.overtake, {"names": list(NAMES)})


def erase(cursor: Cursor[TupleRow], persons: Collection[UUID]) -> None:
    """Take out all that projections keep of these persons. ``HOLD`` comes before, in the same transaction.

    Others' rows may rest on what they did: consumers make those anew when they get to the event that says so.
    """
    for name in NAMES:
        tables: Tables[Any] = Tables(projection_named(name))
        tables.remove(cursor, persons)
        cursor.execute(_queries.unpark, {"name": name, "persons": list(persons)})


def behind(cursor: Cursor[TupleRow], position: int) -> list[str]:
    """Give the projections that have yet to get to a position; one that was never made has nothing to pass."""
    rows = cursor.execute(_queries.behind, {"names": list(NAMES), "position": position})
    return [name for (name,) in rows]


def _count(cursor: Cursor[TupleRow], table: str, persons: Collection[UUID]) -> int:
    query = _queries.count_of.format(table=Identifier(table))
    row = cursor.execute(query, {"persons": list(persons)}).fetchone()
    return int(row[0]) if row else 0
