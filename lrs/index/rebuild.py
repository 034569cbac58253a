"""Builds the statement index anew from the log, compares it with the live one, and puts it in its place."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import sleep

from psycopg import ClientCursor, Connection, Cursor, IsolationLevel, errors
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from lrs import sql
from lrs.index.entry import Entry
from lrs.index.remains import remains_at
from lrs.index.version import StaleIndex, note, stale
from lrs.index.writer import IndexWriter
from lrs.log.binary_copy import copy_rows
from lrs.log.lock import lock_of
from lrs.log.owner import owner
from lrs.log.reader import Reader
from lrs.seal import Keyring, MasterKey
from schemas.difference import Difference

log = logging.getLogger(__name__)
_queries = sql.load(__package__)
TABLES = ("statement_terms", "statement_refs", "activities")
_BATCH = 2_000
_EXAMPLES = 5
_LONGEST = 300
_PATIENCE = "2s"
"""How long the live tables are waited for while everybody waits."""
PAUSE = 10.0
"""Seconds until they are waited for again."""
Progress = Callable[[int, int], None]
"""Called with the position reached and the position aimed for."""


def rebuild(url: str, schema: str, master: MasterKey, progress: Progress, *, replace: bool = True) -> list[Difference]:
    """Rebuild the index of a store while it is in use; gives the comparison with the live tables, one per table.

    ``url`` is the owner's. The comparison is made in one snapshot: the log up to its last event then, against the
    live tables then. With ``replace`` the rebuilt tables then catch up under the store's lock and take the place of
    the live ones in one transaction; if it is interrupted before that, nothing has changed. While somebody reads the
    live ones in a long transaction, that is tried again and again. Raises StaleIndex: what another version made would
    differ in every row, if the tables can be compared at all.
    """
    with _shadow(url, schema) as connection:
        if schema in stale(connection):
            raise StaleIndex
        keyring = Keyring.open(connection, schema, master)
        build = _Build(keyring, progress)
        with connection.transaction(), ClientCursor(connection) as cursor:
            reached = build.fold(cursor, 0)
            differences = [compare(cursor, schema, _shadow_schema(schema), table) for table in TABLES]
        if replace:
            _put_in_place(connection, schema, build, reached)
        return differences


def renew(url: str, schema: str, master: MasterKey, progress: Progress) -> None:
    """Rebuild the index of a store, unless this version made it, and put it in place without a comparison."""
    with _shadow(url, schema) as connection:
        if schema not in stale(connection):  # somebody else rebuilt it while we waited for them
            return
        build = _Build(Keyring.open(connection, schema, master), progress)
        with connection.transaction(), ClientCursor(connection) as cursor:
            reached = build.fold(cursor, 0)
        _put_in_place(connection, schema, build, reached)


def _shadow_schema(schema: str) -> str:
    return f"rebuild_{schema}"


@contextmanager
def _shadow(url: str, schema: str) -> Iterator[Connection[TupleRow]]:
    """Give a connection whose index tables are new and empty, and whose other tables are the store's.

    One at a time: who comes while another rebuilds waits until they are done.
    """
    shadow = Identifier(_shadow_schema(schema))
    drop = SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(shadow)
    with owner(url, "rebuild") as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [lock_of(_shadow_schema(schema))])
        # One that was interrupted leaves its tables behind.
        connection.execute(drop)
        connection.execute(SQL("CREATE SCHEMA {}").format(shadow))
        connection.execute(SQL("SET search_path = {}, {}").format(shadow, Identifier(schema)))
        for file in ("schema.sql", "sources.sql", "signature.sql", "chains.sql"):
            connection.execute(sql.read(__package__, file))
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        try:
            yield connection
        finally:
            if not connection.closed:
                connection.execute(drop)


class _Build:
    """Folds the log into the index tables that the search path names first."""

    def __init__(self, keyring: Keyring, progress: Progress) -> None:
        self._reader = Reader(keyring)
        self._writer = IndexWriter(keyring, self._reader)
        self._progress = progress

    def fold(self, cursor: Cursor[TupleRow], position: int) -> int:
        """Index all statements after a position, as far as the transaction sees; gives the position reached."""
        head = self._reader.head(cursor)
        while events := self._reader.after(cursor, position, head, _BATCH):
            entries = [self._writer.entry(logged) for logged in self._reader.open(cursor, events)]
            unreadable = {event.position for event in events} - {entry.position for entry in entries}
            entries += remains_at(cursor, unreadable)
            self._index(cursor, sorted(entries, key=lambda entry: entry.position))
            position = events[-1].position
            self._progress(position, head)
        self._progress(head, head)
        return head

    def _index(self, cursor: Cursor[TupleRow], entries: list[Entry]) -> None:
        if not entries:
            return
        ids = sql.uuids(entry.id for entry in entries)
        digests = sql.uuids_of_bytes({new.digest for entry in entries for new in entry.features.definitions})
        referring = cursor.execute(IndexWriter.REFERRING, {"ids": ids}).fetchall()
        defined = cursor.execute(IndexWriter.DEFINED, {"digests": digests}).fetchall()
        self._writer.write(cursor, entries, referring, defined, partial(copy_rows, cursor))


def compare(cursor: Cursor[TupleRow], schema: str, shadow: str, table: str) -> Difference:
    """Compare a live table with the one of that name that was rebuilt in another schema."""
    live, rebuilt = Identifier(schema, table), Identifier(shadow, table)
    rows, missing, surplus = sql.one(cursor.execute(_queries.compare.format(live=live, rebuilt=rebuilt)))
    examples: list[str] = []
    for sign, count, one, other in (("+", missing, rebuilt, live), ("-", surplus, live, rebuilt)):
        if count:
            found = cursor.execute(_queries.examples.format(one=one, other=other), {"most": _EXAMPLES})
            examples += [f"{sign} {table}: {text[:_LONGEST]}" for (text,) in found]
    return Difference(table, rows, missing, surplus, tuple(examples))


def _put_in_place(connection: Connection[TupleRow], schema: str, build: _Build, reached: int) -> None:
    while not _took_their_place(connection, schema, build, reached):
        # What came meanwhile is folded beforehand, so that the store's lock isn't held for it.
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        with connection.transaction(), ClientCursor(connection) as cursor:
            if _were_forgotten(cursor, reached):
                for table in TABLES:
                    cursor.execute(SQL("TRUNCATE {}").format(Identifier(_shadow_schema(schema), table)))
                reached = 0
            reached = build.fold(cursor, reached)


def _took_their_place(connection: Connection[TupleRow], schema: str, build: _Build, reached: int) -> bool:
    connection.isolation_level = IsolationLevel.READ_COMMITTED
    try:
        with connection.transaction(), ClientCursor(connection) as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_of(schema)])
            if _were_forgotten(cursor, reached):
                return False
            build.fold(cursor, reached)
            _swap(cursor, schema)
    except (errors.LockNotAvailable, errors.DeadlockDetected):
        log.warning(
            "somebody reads the index of %s in a long transaction (pg_dump, say): trying again every %g seconds",
            schema,
            PAUSE,
        )
        sleep(PAUSE)
        return False
    return True


def _were_forgotten(cursor: Cursor[TupleRow], reached: int) -> bool:
    """Tell whether what was folded up to a position may hold what can't be read any more: to be folded anew then."""
    (forgotten,) = sql.one(cursor.execute(_queries.forgotten_after, {"position": reached}))
    return bool(forgotten)


def _swap(cursor: Cursor[TupleRow], schema: str) -> None:
    # Readers wait for the moment this takes; whoever reads on afterwards finds the new tables under the old names. But
    # while we wait for a reader, all who come later wait for us, and so do appends.
    cursor.execute(SQL("SET LOCAL lock_timeout = {}").format(_PATIENCE))
    for table in TABLES:
        cursor.execute(SQL("DROP TABLE {}").format(Identifier(schema, table)))
        new = Identifier(_shadow_schema(schema), table)
        cursor.execute(SQL("ALTER TABLE {} SET SCHEMA {}").format(new, Identifier(schema)))
    note(cursor)
