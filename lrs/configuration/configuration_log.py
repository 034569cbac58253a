"""The configuration of one store, kept in the store's own log: its order with the statements is one order."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar, cast
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import AggregateEvent
from eventsourcing.utils import Environment
from psycopg import Cursor, IsolationLevel
from psycopg.rows import TupleRow, tuple_row
from psycopg.sql import SQL

from lrs import sql
from lrs.configuration.configured import Configured
from lrs.credential.control_log import AlreadyRecorded, answering
from lrs.errors import ChangedMeanwhile, NotFound, NotMigrated
from lrs.log.connect import connect_to
from lrs.log.datastore import Datastore
from lrs.log.event import NewEvent
from lrs.log.recorder import OPENING, Append, StoreRecorder, opening
from lrs.seal import Keyring, MasterKey
from lrs.store_name import schema_of

C = TypeVar("C", bound=Configured)
T = TypeVar("T")
_ATTEMPTS = 5
_CHECKING_KEYS: Final = opening(Keyring.GONE)
Beside = Callable[[Cursor[TupleRow]], None]
"""Writes tables in the transaction that appends, under the store's lock."""


class KeyDestroyed(Exception):
    """Somebody was forgotten after their key was looked up: what was sealed under it must not be recorded."""


class ConfigurationLog(Application[UUID]):
    """An eventsourcing application on a store's log. Synchronous and safe to use from several threads.

    Methods raise NotFound, Unavailable, WrongMasterKey.
    """

    name = "configuration"

    def __init__(self, url: str, store: str, master: MasterKey) -> None:
        """Connect; blocks."""
        self.store = store
        self._url = url
        self._schema = schema_of(store)
        # Two, so that reading doesn't wait for a large import.
        self._datastore = Datastore(url, self._schema, pool_size=2)
        try:
            with self._answering(), self._connection() as connection:
                self.keyring = Keyring.open(connection, self._schema, master)
            super().__init__()
        except BaseException:
            self._datastore.close()
            raise

    def construct_env(self, name: str, env: Any = None) -> Environment:  # noqa: ARG002 - the library's signature
        """Take no settings from environment variables: ours come from one place."""
        return Environment(name)

    def construct_recorder(self) -> StoreRecorder:
        """Use the recorder of the log."""
        return StoreRecorder(self._datastore)

    def close(self) -> None:
        """Close the connections."""
        super().close()
        self._datastore.close()

    def get(self, kind: type[C]) -> C:
        """Give the store's organisation, policy, vocabulary, look or rules of retention as it is now."""
        # The id is derived with the store's secret, so that nobody can take it by sending a statement with that id.
        aggregate = kind.blank(self.keyring.digest("configuration", kind.topic))
        with self._answering():
            for event in self.events.get(aggregate.id):
                cast("AggregateEvent", event).mutate(aggregate)
        return aggregate

    def record(self, aggregate: Configured, beside: Beside | None = None, *, key_ids: Collection[UUID] = ()) -> int:
        """Record what was decided, and write tables in the same transaction; gives the position of the last event.

        Raises AlreadyRecorded if somebody else changed the aggregate since it was got, and KeyDestroyed if one of the
        keys, which its events are sealed under, is gone. Nothing is recorded then.
        """
        events = self.new_events(aggregate)
        with self.appending(_CHECKING_KEYS, key_ids=sql.uuids(key_ids)) as append:
            if append.found[0]:
                raise KeyDestroyed
            positions = append.write(events)
            if beside is not None:
                beside(append.cursor)
        return positions[-1]

    def new_events(self, aggregate: Configured) -> list[NewEvent]:
        """Give what was decided of an aggregate, to append it: once."""
        return [
            NewEvent(aggregate.id, stored.originator_version, stored.topic, stored.state)
            for stored in map(self.mapper.to_stored_event, aggregate.collect_events())
        ]

    @contextmanager
    def appending(self, begin: SQL = OPENING, **parameters: object) -> Iterator[Append]:
        """Open a transaction under the store's lock, as ``StoreRecorder.appending``. Raises AlreadyRecorded."""
        recorder: StoreRecorder = self.recorder  # type: ignore[assignment]
        with self._answering(), recorder.appending(begin, **parameters) as append:
            yield append

    def decide(self, attempt: Callable[[], T]) -> T:
        """Decide and record, anew on what is there by then if somebody else changed it meanwhile.

        So two changes at once are made one after the other and none is lost. Raises ChangedMeanwhile when that goes on.
        """
        for _ in range(_ATTEMPTS):
            try:
                return attempt()
            except (AlreadyRecorded, KeyDestroyed):
                continue
        raise ChangedMeanwhile("others keep changing this at the same moment: try again later")

    @contextmanager
    def reading(self) -> Iterator[Cursor[TupleRow]]:
        """Give a cursor on the store's tables whose statements commit one by one."""
        with self._answering(), self._connection() as connection, connection.cursor() as cursor:
            yield cursor

    @contextmanager
    def snapshot(self) -> Iterator[Cursor[TupleRow]]:
        """Give a cursor that sees the store's tables as they are at one moment, and binds parameters itself."""
        with self.reading() as reading:
            connection = reading.connection
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            with connection.transaction(), psycopg.ClientCursor(connection, row_factory=tuple_row) as cursor:
                yield cursor

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[TupleRow]]:
        with connect_to(self._schema, self._url, "configuration") as connection:
            yield connection

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            with answering():
                yield
        except NotMigrated as error:
            raise NotFound(
                f"there is no store {self.store}, or it isn't up to date: see `lrs store list` and `lrs migrate`"
            ) from error
