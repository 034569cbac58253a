"""Every column of every table of a store is changed by somebody who owns the database: each change is found and named.

What can't be proven is listed here and in ``docs/proof.md``, with the reason.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from psycopg import Connection, Cursor
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier

from consumers.rebuild import _PARKED, Rebuild
from lrs.audit.bundle.live import LiveCheck
from lrs.index import rebuild as index
from lrs.log.messages import MessageLog
from lrs.organisation import rebuild as organisation
from lrs.organisation import tables as organised
from lrs.seal import WrongMasterKey
from projections.all import NAMES, projection_named
from tests.audit.bundle.furnished import furnish
from tests.audit.tree.given import Log
from tests.databases import Databases
from tests.store.conftest import MASTER

SCHEMA = "store_default"
UNPROVEN: Final = {
    "accesses": "who looked isn't in the log",
    "access_readers": "who looked isn't in the log",
    "refusals": "what was refused isn't in the log",
    "migrations": "what was done to the tables isn't in the log",
    "relay_positions": "the relay goes by the stream itself",
    "index_version": "which version of the program made the index; its tables are compared with what this one makes",
    "projection_positions": "where a projection stands; its tables are compared with a replay up to there",
    "erasures.purged": "whether the stream was purged, which is outside the database",
    "documents.updated": "the log says when it was recorded",
    "person_keys.created": "each learner has one key",
    "tree.only_one": "it can have no other value",
    "tree_checkpoints.day": "each checkpoint is compared, under whatever day it is kept",
    "tree_keys.made": "keys vouch for each other, whenever they were made",
    "parked.position": "the learner is compared",
    "parked.statement": "the learner is compared",
    "parked.reason": "the learner is compared",
    "parked.since": "the learner is compared",
}
REMOVABLE: Final = {"attachments": "the log says what came with a statement, not that the content is kept"}
"""Tables of which a row may be taken out."""
ADDABLE: Final = {
    "tree": "it can have one row only",
    "tree_checkpoints": "a genuine one may be kept under several days",
    "parked": "of a projection that doesn't exist; of one that does, the learners are compared",
}
"""Tables that a row like another may be added to."""

_CHANGES: Final = {
    "uuid": "gen_random_uuid()",
    "bigint": "coalesce({0}, 0) + 1000000",
    "integer": "coalesce({0}, 0) + 100",
    "smallint": "coalesce({0}, 0) + 100",
    "boolean": "NOT {0}",
    "text": "coalesce({0}, '') || 'x'",
    "bytea": "CASE WHEN octet_length({0}) > 0 THEN set_byte({0}, 0, get_byte({0}, 0) # 1) ELSE '\\x00' END",
    "timestamp with time zone": "coalesce({0}, now()) + interval '1 s'",
    "date": "coalesce({0}, current_date) + 1",
    "daterange": "daterange('2001-01-01', '2001-02-01')",
    "uuid[]": "array_append({0}, gen_random_uuid())",
    "jsonb": "coalesce({0}, '[]') || '[1]'",
}
"""Another value of each type."""


@pytest.fixture(scope="module")
def log(databases: Databases, ready: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """A store with something in every table; whoever changes it puts it back."""
    log = Log(databases.copy(ready, "audit_furnished"))
    furnish(log, tmp_path_factory.mktemp("notary"))
    yield log
    log.close()


@pytest.fixture(scope="module")
def columns(log: Log) -> dict[str, dict[str, str]]:
    """The columns of every table of the store, from the catalogue, with their types."""
    rows = log.connection.execute(
        """SELECT relname, attname, format_type(atttypid, NULL) FROM pg_attribute JOIN pg_class ON attrelid = oid
           WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
           ORDER BY relname, attnum""",
        [SCHEMA],
    )
    found: dict[str, dict[str, str]] = {}
    for table, column, type_ in rows:
        found.setdefault(table, {})[column] = type_
    return found


def checked(connection: Connection[TupleRow]) -> list[str]:
    """What `lrs audit check` finds."""
    with connection.cursor() as cursor:
        try:
            messages = MessageLog(connection, "default", MASTER)
        except WrongMasterKey as error:  # ends the command, which says so
            return [f"secrets: {error}"]
        check = LiveCheck(cursor, messages, MASTER, lambda _position, _head: None)
        check.run()
        return [str(problem) for problem in check.problems]


Look = Callable[[str, Composed], list[str]]
"""Makes a change to a table, gives what is found then, and puts it back."""


@contextmanager
def _looking(log: Log) -> Iterator[Look]:
    """Look with what `lrs audit check` does, or with the comparisons that `lrs verify` makes of what it rebuilt.

    What `lrs verify` rebuilds of this store are its tables as they are, which is seen first.
    """
    with log.tampering() as connection, connection.transaction(force_rollback=True):
        verified = Verified(log, connection)

        def look(table: str, change: Composed) -> list[str]:
            with connection.transaction(force_rollback=True):
                assert connection.execute(change).rowcount == 1, change
                return verified.differences(table) if table in verified.tables else checked(connection)

        yield look


class Verified:
    """The tables that `lrs verify` compares, and how."""

    def __init__(self, log: Log, connection: Connection[TupleRow]) -> None:
        self._log = log
        self._connection = connection
        self._projections = {
            table.name: (projection, table)
            for name in NAMES
            for projection in [projection_named(name)]
            for table in Rebuild(log.url, "default", MASTER, projection, _silent)._tables.all
        }
        self._compared = (*index.TABLES, *organised.TABLES)
        self.tables = {*self._compared, *self._projections, "parked"}

        self._see_that_all_is_equal()
        parked = "INSERT INTO parked (projection, learner, position, reason) VALUES (%s, gen_random_uuid(), 1, '')"
        connection.execute(parked, [NAMES[0]])
        connection.execute("CREATE SCHEMA rebuilt")
        for table in self._compared:
            self._copy("rebuilt", table)
        for table in (*self._projections, "parked"):
            self._copy("pg_temp", table)
        connection.execute("CREATE TEMPORARY TABLE differing (learner uuid PRIMARY KEY)")

    def _see_that_all_is_equal(self) -> None:
        for name in NAMES:
            assert self._rebuild(name).verify().equal
        for module in (index, organisation):
            found = module.rebuild(self._log.url, SCHEMA, MASTER, _silent, replace=False)
            assert all(one.equal for one in found)

    def differences(self, table: str) -> list[str]:
        """What differs of a table."""
        with self._connection.cursor() as cursor:
            if table in self._compared:
                found: Any = index.compare(cursor, SCHEMA, "rebuilt", table)
            else:
                found = self._in_projection(cursor, table)
        return [] if found.equal else list(found.examples)

    def _in_projection(self, cursor: Cursor[TupleRow], table: str) -> Any:
        projection, compared = self._projections.get(table, (projection_named(NAMES[0]), _PARKED))
        rebuild = self._rebuild(projection.name)
        rebuild._log = MessageLog(self._connection, "default", MASTER)
        return rebuild._compare(cursor, compared)

    def _rebuild(self, name: str) -> Rebuild[Any]:
        return Rebuild(self._log.url, "default", MASTER, projection_named(name), _silent)

    def _copy(self, schema: str, table: str) -> None:
        copy = SQL("CREATE TABLE {} AS SELECT * FROM {}")
        self._connection.execute(copy.format(Identifier(schema, table), Identifier(SCHEMA, table)))


def _silent(_reached: int, _target: int) -> None:
    pass


def test_the_store_is_as_it_was_signed(log: Log) -> None:
    with log.tampering() as connection, connection.transaction(force_rollback=True):
        assert checked(connection) == []


def test_every_column_of_every_table(log: Log, columns: dict[str, dict[str, str]]) -> None:
    missed = []
    with _looking(log) as look:
        for table, typed in columns.items():
            for column, type_ in typed.items():
                if table not in UNPROVEN and f"{table}.{column}" not in UNPROVEN:
                    found = look(table, _changing(table, column, type_))
                    if not any(table in line for line in found):
                        missed.append((table, column, found))
    assert missed == []


def test_a_row_less_of_every_table(log: Log, columns: dict[str, dict[str, str]]) -> None:
    missed = []
    with _looking(log) as look:
        for table in columns.keys() - UNPROVEN.keys() - REMOVABLE.keys():
            removed = SQL("DELETE FROM {0} WHERE ctid = (SELECT min(ctid) FROM {0})").format(Identifier(SCHEMA, table))
            found = look(table, removed)
            if not any(table in line or "gone" in line for line in found):
                missed.append((table, found))
    assert missed == []


def test_a_row_more_of_every_table(log: Log, columns: dict[str, dict[str, str]]) -> None:
    missed = []
    with _looking(log) as look:
        for table in columns.keys() - UNPROVEN.keys() - ADDABLE.keys():
            found = look(table, _adding(table, columns[table], _unique(log, table)))
            if not any(table in line for line in found):
                missed.append((table, found))
    assert missed == []


def test_nobody_is_hidden_from_an_erasure(log: Log) -> None:
    """Whoever is known by anything that can be read: by a statement, in a team, by a document, in the organisation."""
    digests = log.connection.execute("SELECT digest FROM learners ORDER BY digest").fetchall()
    assert len(digests) == 8
    change = SQL("UPDATE learners SET digest = gen_random_uuid() WHERE digest = {}")
    with _looking(log) as look:
        for (digest,) in digests:
            assert any("learners.digest" in line for line in look("learners", change.format(digest)))


def test_what_cant_be_proven_is_there_and_said(columns: dict[str, dict[str, str]]) -> None:
    there = {*columns, *(f"{table}.{column}" for table, typed in columns.items() for column in typed)}
    assert UNPROVEN.keys() | REMOVABLE.keys() | ADDABLE.keys() <= there
    told = (Path(__file__).parents[3] / "docs" / "proof.md").read_text(encoding="utf-8")
    assert [name for name in (*UNPROVEN, *REMOVABLE) if f"`{name}`" not in told] == []


def _changing(table: str, column: str, type_: str) -> Composed:
    """Give a row another value; one that has any, if there is one."""
    value = SQL(_CHANGES[type_]).format(Identifier(column))
    return SQL(
        "UPDATE {table} SET {column} = {value} "
        "WHERE ctid = (SELECT ctid FROM {table} ORDER BY {column} IS NULL, ctid LIMIT 1)"
    ).format(table=Identifier(SCHEMA, table), column=Identifier(column), value=value)


def _unique(log: Log, table: str) -> set[str]:
    """The columns that no two rows may share, alone or together."""
    rows = log.connection.execute(
        """SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)
           WHERE indisunique AND indrelid = %s::regclass""",
        [f"{SCHEMA}.{table}"],
    )
    return {column for (column,) in rows}


def _adding(table: str, typed: dict[str, str], unique: set[str]) -> Composed:
    """Add a row like another, but for what must be its own."""
    values = [
        SQL(_CHANGES[type_]).format(Identifier(column)) if column in unique else Identifier(column)
        for column, type_ in typed.items()
    ]
    return SQL("INSERT INTO {table} SELECT {values} FROM {table} ORDER BY ctid LIMIT 1").format(
        table=Identifier(SCHEMA, table), values=SQL(", ").join(values)
    )
