"""Appends events to the log of one store, in commit order without gaps."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Any, Final
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder
from psycopg import Cursor
from psycopg.rows import TupleRow, tuple_row
from psycopg.sql import SQL, Identifier, Literal

from lrs import sql
from lrs.log.binary_copy import copy_and, packed_moment
from lrs.log.datastore import Datastore
from lrs.log.event import NewEvent, moment
from lrs.log.lock import lock_of

_queries = sql.load(__package__)
_HEAD = struct.Struct("!hi16siqi")  # 6 fields; originator_id, originator_version, length of topic
_LENGTH = struct.Struct("!i")
_TAIL = struct.Struct("!iqiq")  # notification_id, stored
_NOTHING: Final = SQL("")
APPENDED = "vliegwiel_appended"
"""Who listens to this channel hears the schema of each store whose log has grown."""


def packed(event: NewEvent) -> bytes:
    """Pack an event's row, as far as it is known before the store's lock is held."""
    name, state = event.topic.encode(), event.state
    head = _HEAD.pack(6, 16, event.originator_id.bytes, 8, event.originator_version, len(name))
    return b"".join((head, name, _LENGTH.pack(len(state)), state))


class Append:
    """A transaction that appends, holding the store's lock: what is read through it can't change before it commits."""

    def __init__(self, cursor: Cursor[TupleRow], found: list[list[TupleRow]]) -> None:
        self.cursor = cursor
        self.found = found
        """The rows of each lookup it was opened with."""
        self.head: int
        """Position of the last event."""
        self.head, self._last_stored, self._now = found.pop()[0]
        self._log: list[bytes] = []
        self._copies: list[tuple[SQL, Iterable[bytes]]] = []

    @property
    def last_stored(self) -> datetime:
        """When the last event was stored, those of this append included: all up to then are in the log."""
        return moment(self._last_stored)

    def write(self, events: Iterable[NewEvent]) -> range:
        """Append events; each gets the next position, and a later ``stored``. It gives these positions."""
        return self.write_packed(list(map(packed, events)))

    def write_packed(self, events: Sequence[bytes]) -> range:
        """Append events that were ``packed`` before."""
        positions = range(self.head + 1, self.head + 1 + len(events))
        # A microsecond later each; the clock may have been put back since the last append.
        first = max(self._now, self._last_stored + 1)
        for event, position, stored in zip(events, positions, count(packed_moment(first)), strict=False):
            self._log += (event, _TAIL.pack(8, position, 8, stored))
        if events:
            self.head, self._last_stored = positions[-1], first + len(events) - 1
        return positions

    def copy(self, statement: SQL, rows: Iterable[bytes]) -> None:
        """Have rows written by a ``COPY … FROM STDIN (FORMAT BINARY)`` right before the commit."""
        self._copies.append((statement, rows))

    def commit(self, notify: SQL) -> None:
        """Write what waits, say that the log has grown if it has, and commit."""
        if not self._log:
            self.cursor.execute("COMMIT")
            return
        copy_and(self.cursor.connection, [(_queries.copy, self._log), *self._copies], notify, SQL("COMMIT"))


def opening(*lookups: SQL, first: SQL = _NOTHING) -> SQL:
    """Give what opens an append, with queries that are answered under the store's lock. It is put together once.

    ``first`` comes before the lock: what may have to be waited for longer than all who append should.
    """
    answered = SQL("").join(lookup + SQL(";") for lookup in lookups)
    return SQL(_queries.begin.format(first=first, lookups=answered).as_string())


OPENING: Final = opening()
"""Opens an append that looks nothing up."""


class StoreRecorder(PostgresApplicationRecorder):
    """Our recorder: positions and ``stored`` given out under an advisory lock, rows written by COPY.

    Its table is made by migration (``schema.sql``). The library's own ``insert_events`` locks the whole table, and its
    function path takes no lock at all, so that positions could commit out of order.
    """

    def __init__(self, datastore: Datastore) -> None:
        super().__init__(datastore, events_table_name="stored_events")
        self._notify = SQL(SQL("NOTIFY {}, {}").format(Identifier(APPENDED), Literal(datastore.schema)).as_string())
        self._lock = lock_of(datastore.schema)

    @contextmanager
    def appending(self, begin: SQL = OPENING, **parameters: object) -> Iterator[Append]:
        """Open a transaction that holds the store's lock; it commits when the block ends, or nothing of it happened.

        ``begin`` is an ``opening``; its lookups get these parameters.
        """
        with self.datastore.get_connection() as connection:
            # Statements are sent as text with their parameters in them, so that several go in one round trip.
            cursor = psycopg.ClientCursor(connection, row_factory=tuple_row)
            try:
                cursor.execute(begin, {"lock": self._lock, **parameters})
                found = []
                while cursor.nextset():
                    # Statements such as BEGIN have no rows. (``description`` says so too, with an object a column.)
                    if cursor.pgresult is not None and cursor.pgresult.nfields:
                        found.append(cursor.fetchall())
                # The first is the lock's own.
                append = Append(cursor, found[1:])
                yield append
                append.commit(self._notify)
            except BaseException:
                if not connection.closed:
                    connection.rollback()
                raise

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Append events as eventsourcing's applications do; gives their positions. Raises its IntegrityError."""
        events = [NewEvent(_uuid(e.originator_id), e.originator_version, e.topic, e.state) for e in stored_events]
        with self.appending() as append:
            return list(append.write(events))


def _uuid(originator_id: UUID | str) -> UUID:
    return originator_id if isinstance(originator_id, UUID) else UUID(originator_id)
