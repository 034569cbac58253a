"""One store: a customer's, a brand's statements and all that belongs to them."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import NamedTuple, TypeVar
from uuid import UUID

import psycopg
from psycopg import Cursor
from psycopg.rows import TupleRow, tuple_row
from psycopg_pool import ConnectionPool, PoolTimeout

from lrs.attachment import Attachments
from lrs.index import IndexWriter, Page, Query, Recorded, Statements
from lrs.log.appender import Appender
from lrs.log.connection import Connection
from lrs.log.datastore import (
    AWAY,
    CONNECT_TIMEOUT,
    IDLE,
    RECONNECT,
    Datastore,
    is_lost,
    keepalive,
    session,
    wait_for_connection,
)
from lrs.log.interleaved import Interleaved, interleave
from lrs.log.reader import Reader
from lrs.log.recorder import StoreRecorder
from lrs.log.turns import Turns
from lrs.log.work import Appended, Job, JobWork, Unavailable
from lrs.seal import Keyring, MasterKey
from lrs.statement import Prepared
from lrs.store.batch import KeysDestroyed
from lrs.store.commit import Commit
from lrs.store.keys import StoreKeys
from lrs.store.sealer import Sealer
from lrs.store_name import schema_of

T = TypeVar("T")
READERS = 8
"""How many reads of one store a process has under way, at most. One connection more is for looking up keys, one for
appends."""
_AT_ONCE = 0.001
"""Seconds. The pool knows no waiting at all: zero it refuses even if it has a connection."""


class Answer(NamedTuple):
    """A page of statements and up to when all that was stored is in it."""

    page: Page
    consistent_through: datetime


class Store:
    """Appends and reads for one store; made by ``Stores.get``.

    All methods raise Unavailable if the database is away.
    """

    def __init__(self, url: str, name: str, master: MasterKey) -> None:
        """Connect; blocks."""
        self.name = name
        self._schema = schema_of(name)
        # Where connections are waited for. A store's own, or many stores would wait for each other.
        self._threads = ThreadPoolExecutor(READERS + 2, thread_name_prefix=f"database {name}")
        self._pool = ConnectionPool(
            url,
            connection_class=Connection[TupleRow],
            kwargs={"row_factory": tuple_row, "application_name": f"vliegwiel read {name}", **keepalive(url)},
            min_size=0,
            max_size=READERS + 1,
            num_workers=1,  # a pool grows by one connection at a time anyway
            max_idle=IDLE,
            configure=lambda connection: _reading_session(connection, self._schema),
            timeout=CONNECT_TIMEOUT,
            reconnect_timeout=RECONNECT,
            open=True,
        )
        try:
            with self._pool.connection() as connection:
                self._keyring = Keyring.open(connection, self._schema, master)
            self._reader = Reader(self._keyring)
            self._statements = Statements(self._keyring, self._reader)
            self._attachments = Attachments(self._keyring)
            self._datastore = Datastore(url, self._schema, threads=self._threads)
            commit = Commit(
                StoreRecorder(self._datastore),
                self._reader,
                IndexWriter(self._keyring, self._reader),
                self._attachments,
            )
        except BaseException:
            self._pool.close()
            raise
        self._turns = Turns(READERS)
        self.keys = StoreKeys(self._keyring, self._run)
        self._sealer = Sealer(self._keyring, self.keys)
        self._appender = Appender(commit)

    async def close(self) -> None:
        """Append what waits, then disconnect."""
        await self._appender.close()
        await asyncio.to_thread(self._disconnect)

    async def append(self, batch: Sequence[Prepared], *, defines: bool, contents: Mapping[str, bytes]) -> Appended:
        """Record the statements of one request, all or none; returns when they are durable and can be read.

        ``contents`` holds attachments that came along, by SHA-2. Statements that are recorded already with the same
        content count as recorded. Raises Conflict.
        """
        return await (await self.queue(batch, defines=defines, contents=contents))

    async def queue(
        self, batch: Sequence[Prepared], *, defines: bool, contents: Mapping[str, bytes]
    ) -> Awaitable[Appended]:
        """Queue the statements of one request for ``append``: they come before any queued later.

        Gives what to await for the outcome.
        """
        sealed = await self._sealer.batch(batch, defines=defines, contents=contents)
        self._appender.submit(sealed)

        async def appended() -> Appended:
            try:
                return await sealed.future
            except KeysDestroyed as destroyed:
                self._sealer.forget(destroyed.key_ids)
                return await self.append(batch, defines=defines, contents=contents)

        return appended()

    async def perform(self, job: Job[T], *, size: int = 0) -> T:
        """Run a job in an append's transaction, under the store's lock; raises what the job raises.

        ``size`` is about how many bytes wait with it.
        """
        work = JobWork(job, size)
        self._appender.submit(work)
        return await work.future

    async def statement(self, statement_id: UUID, *, mine: str | None = None) -> Recorded | None:
        """Give a statement that is not voided; ``mine`` restricts to one authority's."""
        return await self.run(lambda cursor: self._statements.get(cursor, statement_id, voided=False, mine=mine))

    async def voided(self, statement_id: UUID, *, mine: str | None = None) -> Recorded | None:
        """Give a voided statement; ``mine`` restricts to one authority's."""
        return await self.run(lambda cursor: self._statements.get(cursor, statement_id, voided=True, mine=mine))

    async def select(self, query: Query) -> Answer:
        """Give a page of statements."""

        def ask(cursor: Cursor[TupleRow]) -> Answer:
            consistent_through = self._reader.consistent_through(cursor, self._schema)
            return Answer(self._statements.select(cursor, query), consistent_through)

        return await self.run(ask)

    async def consistent_through(self) -> datetime:
        """Give the moment up to which all that was stored can be read."""
        return await self.run(lambda cursor: self._reader.consistent_through(cursor, self._schema))

    async def definitions(self, iris: Sequence[str]) -> dict[str, bytes]:
        """Give the merged definitions (JSON) of those of the activities that have one."""
        return await self.run(lambda cursor: self._statements.definitions(cursor, iris))

    async def names(self, identity: str) -> list[str]:
        """Give the names under which a person occurs in recent statements, newest first."""
        return await self.run(lambda cursor: self._statements.names(cursor, identity))

    async def attachments(self, positions: Collection[int]) -> dict[str, bytes]:
        """Give the attachment contents held for the statements at these positions, by SHA-2."""
        return await self.run(lambda cursor: self._attachments.of(cursor, positions))

    async def attachment_sizes(self, positions: Collection[int]) -> dict[int, int]:
        """Give how many bytes of attachment contents are held for each of these statements that has any."""
        return await self.run(lambda cursor: self._attachments.sizes(cursor, positions))

    async def run(self, work: Callable[[Cursor[TupleRow]], T]) -> T:
        """Run reads (or small writes of their own) in the loop, on a cursor whose statements commit one by one.

        They are run again if the connection was lost.
        """
        return await self._turns.run(lambda: self._run(work))

    def _run(self, work: Callable[[Cursor[TupleRow]], T]) -> asyncio.Future[T]:
        """Do the same without waiting for a turn. For keys: statements aren't held up by whatever is being read."""

        def again_if_lost(running: Interleaved) -> T:
            try:
                try:
                    return self._with_cursor(running, work)
                except AWAY as error:
                    if not is_lost(error):
                        raise
                    # The server may have been restarted: every waiting connection is then as dead as this one.
                    self._pool.drain()
                    return self._with_cursor(running, work)
            except AWAY as error:
                raise Unavailable("the database is not answering") from error

        return interleave(again_if_lost)

    def _with_cursor(self, running: Interleaved, work: Callable[[Cursor[TupleRow]], T]) -> T:
        connection = self._take_connection(running)
        try:
            with connection.cursor(binary=True) as cursor:
                return work(cursor)
        finally:
            self._pool.putconn(connection)

    def _take_connection(self, running: Interleaved) -> Connection[TupleRow]:
        if self._pool.get_stats()["pool_available"]:
            with suppress(PoolTimeout):  # a thread was quicker
                return self._pool.getconn(_AT_ONCE)
        # To wait for one in the loop would hold it up.
        return running.in_thread(partial(wait_for_connection, self._pool), self._threads)

    def _disconnect(self) -> None:
        self._datastore.close()
        self._pool.close()
        self._threads.shutdown(wait=False)


def _reading_session(connection: psycopg.Connection[TupleRow], schema: str) -> None:
    session(connection, schema)
    # A filter is answered by walking one list of the index in order and looking the rest up; a plan that gathers and
    # sorts lists would grow with the store. WAL is written in order, so what an append commits durably makes new keys
    # durable before it.
    connection.execute(
        "SELECT set_config(name, 'off', false) FROM unnest(ARRAY['enable_hashjoin', 'enable_mergejoin',"
        " 'enable_bitmapscan', 'enable_seqscan', 'enable_hashagg', 'synchronous_commit', 'jit']) AS name"
    )
    # Before the connection is given up (``SILENCE``): else the database would go on with what nobody waits for.
    connection.execute("SELECT set_config('statement_timeout', '20s', false)")
