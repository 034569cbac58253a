"""The tables of a projection: states and rows, read and written on a cursor.

Names are unqualified, so that temporary tables of the same names, if there are any, take the place of the live ones.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

import psycopg
from msgspec import msgpack
from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from projections import sql
from projections.projection import Projection, Rows, Table
from projections.replay.fold import Broken, reason

S = TypeVar("S")
_queries = sql.load(__package__)
_FIRST = UUID(int=0)
_REFUSING = frozenset({"22", "23", "54"})
"""Classes of SQLSTATE that say something of the row: data, integrity, limits
(https://www.postgresql.org/docs/18/errcodes-appendix.html)."""
_in_order = msgpack.Encoder(order="deterministic").encode
_as_it_is = msgpack.Encoder().encode


class Tables(Generic[S]):
    """Reads and writes what a projection keeps of persons."""

    def __init__(self, projection: Projection[S]) -> None:
        self._states = Table(f"{projection.name}_state", ("learner", "state"), ("uuid", "bytea"))
        self._rows = projection.tables
        self.all = (self._states, *self._rows)
        """The table of states, then those of rows."""
        self._empty = projection.state()
        self._decode = msgpack.Decoder(projection.state).decode

    def states(self, cursor: Cursor[TupleRow], persons: Collection[UUID]) -> dict[UUID, tuple[S, int]]:
        """Give the state of each person that has one, and its size in bytes."""
        if not persons:
            return {}
        query = _queries.states.format(table=Identifier(self._states.name))
        found = cursor.execute(query, {"persons": list(persons)}, binary=True)
        return {person: (self._decode(state), len(state)) for person, state in found}

    def every_state(self, cursor: Cursor[TupleRow], page: int) -> Iterator[list[tuple[UUID, S]]]:
        """Give all states in pages of at most so many."""
        query = _queries.states_after.format(table=Identifier(self._states.name))
        after = None
        while True:
            found = cursor.execute(query, {"after": after or _FIRST, "limit": page}, binary=True).fetchall()
            if not found:
                return
            after = found[-1][0]
            yield [(person, self._decode(state)) for person, state in found]

    def remove(self, cursor: Cursor[TupleRow], persons: Collection[UUID]) -> None:
        """Take out all that is kept of these persons."""
        for table in self.all:
            self._remove(cursor, table, persons)

    def write_states(self, cursor: Cursor[TupleRow], states: Mapping[UUID, S]) -> dict[UUID, int]:
        """Write the states of persons who have none in the table; gives the size in bytes of each that isn't empty."""
        encoded = {person: _encoded(state) for person, state in states.items() if state != self._empty}
        self._copy(cursor, self._states, encoded.items())
        return {person: len(state) for person, state in encoded.items()}

    def replace_states(self, cursor: Cursor[TupleRow], states: Mapping[UUID, S]) -> None:
        """Write the states of persons who may have one in the table already."""
        self._remove(cursor, self._states, states.keys())
        self.write_states(cursor, states)

    def write_rows(self, cursor: Cursor[TupleRow], rows: Mapping[UUID, Rows]) -> dict[UUID, Broken]:
        """Write the rows of persons who have none in the tables; gives those whose rows the database refuses."""
        if self._refusal(cursor, list(rows.values())) is None:
            return {}
        # Somebody's spoil it for all: each goes alone.
        alone = ((person, self._refusal(cursor, [one])) for person, one in rows.items())
        return {person: Broken(0, None, reason(refusal)) for person, refusal in alone if refusal is not None}

    def _refusal(self, cursor: Cursor[TupleRow], rows: Sequence[Rows]) -> Exception | None:
        """Write rows, all or none; gives why none were, if it is for what they hold."""
        try:
            with cursor.connection.transaction():
                for table in self._rows:
                    self._copy(cursor, table, (row for one in rows for row in one.get(table.name, ())))
        except psycopg.Error as error:
            if isinstance(error, psycopg.DataError) or (error.sqlstate or "")[:2] in _REFUSING:
                return error
            raise
        except (ValueError, TypeError, OverflowError) as error:  # a value that is none of the column's type
            return error
        return None

    def _remove(self, cursor: Cursor[TupleRow], table: Table, persons: Collection[UUID]) -> None:
        if persons:
            cursor.execute(_queries.remove.format(table=Identifier(table.name)), {"persons": list(persons)})

    @staticmethod
    def _copy(cursor: Cursor[TupleRow], table: Table, rows: Iterable[Sequence[Any]]) -> None:
        waiting = iter(rows)
        first = next(waiting, None)
        if first is None:
            return
        columns = SQL(", ").join(map(Identifier, table.columns))
        with cursor.copy(_queries.copy.format(table=Identifier(table.name), columns=columns)) as copy:
            copy.set_types(table.types)
            copy.write_row(first)
            for row in waiting:
                copy.write_row(row)


def rows_of_table(cursor: Cursor[TupleRow], table: Table, learners: Collection[UUID]) -> list[tuple[Any, ...]]:
    """Give the rows of these learners, in the order of what tells them apart."""
    query = _queries.rows.format(
        table=Identifier(table.name),
        columns=SQL(", ").join(map(Identifier, table.columns)),
        key=SQL(", ").join(map(Identifier, ("learner", *table.key))),
    )
    return cursor.execute(query, {"learners": list(learners)}).fetchall()


def _encoded(state: object) -> bytes:
    """Encode a state so that equal states are equal bytes.

    msgspec sorts no dicts whose keys aren't texts: those keep the order of the acts, which every fold takes in the
    order of the log.
    """
    try:
        return _in_order(state)
    except TypeError:
        return _as_it_is(state)


def shadow(cursor: Cursor[TupleRow], tables: Iterable[str], *, schema: str | None = None) -> None:
    """Make empty temporary tables that stand before those of the store.

    They are there until the transaction ends; with the ``schema`` of the store, until the session does.
    """
    for table in tables:
        name = Identifier(table)
        if schema is None:
            cursor.execute(_queries.shadow.format(table=name))
        else:
            original = Identifier(schema, table)
            cursor.execute(_queries.shadow_of_session.format(table=name, original=original))
