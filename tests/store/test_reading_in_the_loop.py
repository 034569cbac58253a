"""Reads run in the event loop: what waits for the database must hold up nothing else there."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.log.connection import SILENCE
from lrs.log.datastore import CONNECT_TIMEOUT, RECONNECT
from lrs.log.work import Unavailable
from lrs.store import Store, Stores
from lrs.store.store import READERS
from tests.stoppable_database import StoppableDatabase
from tests.store.given import append, found, ids, statement, turns_of_the_loop

_LOCK = 4711


@asynccontextmanager
async def _held(url: str) -> AsyncIterator[None]:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as other:
        await other.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        yield


def _waiting(cursor: Cursor[TupleRow]) -> int:
    """Read something that can't be read while the lock is held."""
    cursor.execute("SELECT pg_advisory_lock_shared(%s), pg_advisory_unlock_shared(%s)", [_LOCK, _LOCK])
    return cursor.connection.info.backend_pid


async def test_more_reads_than_connections_wait_their_turn(store: Store, migrated_url: str) -> None:
    async with _held(migrated_url):
        reading = [asyncio.create_task(store.run(_waiting)) for _ in range(3 * READERS)]
        await turns_of_the_loop()
        assert not any(one.done() for one in reading)
    assert len(set(await asyncio.gather(*reading))) <= READERS


async def test_whoever_hangs_up_takes_no_connection_along(store: Store, migrated_url: str) -> None:
    async with _held(migrated_url):
        reading = [asyncio.create_task(store.run(_waiting)) for _ in range(2 * READERS)]
        await turns_of_the_loop()
        for one in reading:
            one.cancel()
        assert all(
            isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(*reading, return_exceptions=True)
        )
    assert len(set(await asyncio.gather(*(store.run(_waiting) for _ in range(2 * READERS))))) <= READERS


async def test_somebody_new_is_recorded_whatever_is_being_read(store: Store, migrated_url: str) -> None:
    async with _held(migrated_url):
        reading = [asyncio.create_task(store.run(_waiting)) for _ in range(3 * READERS)]
        await turns_of_the_loop()
        await append(store, statement(actor="new"))
        assert not any(one.done() for one in reading)
    await asyncio.gather(*reading)


async def test_a_failed_read_leaves_the_connection_usable(store: Store) -> None:
    for _ in range(2 * READERS):
        with pytest.raises(psycopg.errors.DivisionByZero):
            await store.run(lambda cursor: cursor.execute("SELECT 1 / 0").fetchall())
    assert await store.run(lambda cursor: cursor.execute("SELECT 1").fetchall()) == [(1,)]


async def test_reads_of_a_database_that_is_away_hold_up_nobody(
    stoppable_database: StoppableDatabase, fragile: Store
) -> None:
    one = statement()
    await append(fragile, one)
    await found(fragile)
    await asyncio.to_thread(stoppable_database.stop)
    reading = [asyncio.create_task(found(fragile)) for _ in range(3 * READERS)]
    await turns_of_the_loop()
    assert not any(task.done() for task in reading)
    for outcome in await asyncio.gather(*reading, return_exceptions=True):
        assert isinstance(outcome, Unavailable)
    # Who waited for a connection in vain told the others, who then didn't wait in vain themselves.
    assert fragile._pool.get_stats()["requests_errors"] < 2 * READERS * CONNECT_TIMEOUT / RECONNECT

    await asyncio.to_thread(stoppable_database.start)
    while True:
        try:
            assert ids(one)[0] in await found(fragile)
            break
        except Unavailable:
            continue


async def test_each_pool_of_a_store_has_one_thread_that_connects(stores: Stores) -> None:
    before = set(threading.enumerate())
    store = await stores.get("default")
    await append(store, statement())
    await found(store)
    connecting = [thread.name for thread in set(threading.enumerate()) - before if "worker" in thread.name]
    assert len(connecting) == 2, connecting


async def test_the_database_ends_a_read_before_its_connection_is_given_up(store: Store) -> None:
    asked = "SELECT extract(epoch FROM current_setting('statement_timeout')::interval)"
    (seconds,) = await store.run(lambda cursor: sql.one(cursor.execute(asked)))
    assert 0 < seconds < SILENCE
