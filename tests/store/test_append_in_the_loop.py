"""Appends run in the event loop: what waits for the database must hold up nothing else there."""

import asyncio
import os
import signal

import psycopg
import pytest
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.log import appender, connection
from lrs.log.event import NewEvent
from lrs.log.lock import lock_of
from lrs.log.work import Appended, Unavailable
from lrs.store import Store, Stores
from tests.stoppable_database import StoppableDatabase
from tests.store.conftest import MASTER
from tests.store.given import append, found, ids, statement, turns_of_the_loop


async def _somebody_waits_for_a_lock(other: psycopg.AsyncConnection[TupleRow]) -> None:
    waiting = """SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
                 WHERE NOT granted AND datname = current_database()"""
    while await (await other.execute(waiting)).fetchone() is None:
        pass


async def test_an_append_that_waits_for_the_lock_holds_up_nobody(store: Store, migrated_url: str) -> None:
    await append(store, statement())
    one = statement()
    async with await psycopg.AsyncConnection.connect(migrated_url) as other:
        await other.execute("SELECT pg_advisory_xact_lock(%s)", [lock_of("store_default")])
        appending = asyncio.create_task(append(store, one))
        await turns_of_the_loop()
        assert not appending.done()
        assert ids(one)[0] not in await found(store)
    await appending
    assert ids(one)[0] in await found(store)


async def test_a_database_that_is_away_holds_up_nobody(stoppable_database: StoppableDatabase, fragile: Store) -> None:
    await asyncio.to_thread(stoppable_database.stop)
    appending = [asyncio.create_task(append(fragile, statement())) for _ in range(3)]
    await turns_of_the_loop()
    assert not any(one.done() for one in appending)
    for outcome in await asyncio.gather(*appending, return_exceptions=True):
        assert isinstance(outcome, Unavailable)

    await asyncio.to_thread(stoppable_database.start)
    one = statement()
    while True:
        try:
            await append(fragile, one)
            break
        except Unavailable:
            continue
    assert ids(one)[0] in await found(fragile)


async def test_an_append_that_is_never_answered_is_sent_again(
    store: Store, migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SILENCE", 3.0)
    await append(store, statement())
    appends = (
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'vliegwiel append' AND datname = current_database()"
    )
    async with await psycopg.AsyncConnection.connect(migrated_url) as other:
        backends = [pid for (pid,) in await (await other.execute(appends)).fetchall()]
    one = statement()
    assert backends
    for pid in backends:
        os.kill(pid, signal.SIGSTOP)
    try:
        await append(store, one)
    finally:
        for pid in backends:
            os.kill(pid, signal.SIGCONT)
    assert ids(one)[0] in await found(store)


async def test_an_append_that_was_told_to_wait_no_longer_is_not_tried_again(store: Store, migrated_url: str) -> None:
    one = statement()
    async with await psycopg.AsyncConnection.connect(migrated_url, autocommit=True) as other:
        await other.execute("SELECT pg_advisory_lock(%s)", [lock_of("store_default")])
        appending = asyncio.create_task(append(store, one))
        while not appending.done():
            await other.execute(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'vliegwiel append'"
                " AND wait_event_type = 'Lock' AND datname = current_database()"
            )
        with pytest.raises(Unavailable):
            await appending
    assert ids(one)[0] not in await found(store)


async def test_closing_waits_no_longer_than_it_must(
    stores: Stores, migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appender, "CLOSING", 0.1)
    store = await stores.get("default")
    async with await psycopg.AsyncConnection.connect(migrated_url) as other:
        await other.execute("SELECT pg_advisory_xact_lock(%s)", [lock_of("store_default")])
        appending = asyncio.create_task(append(store, statement()))
        await _somebody_waits_for_a_lock(other)
        await stores.close()
        assert not appending.done()
    await appending


async def test_what_waits_when_a_store_is_closed_is_still_appended(stores: Stores, migrated_url: str) -> None:
    store = await stores.get("default")
    await append(store, statement())
    waiting = [statement() for _ in range(5)]
    async with await psycopg.AsyncConnection.connect(migrated_url) as other:
        await other.execute("SELECT pg_advisory_xact_lock(%s)", [lock_of("store_default")])
        appending = [asyncio.create_task(append(store, one)) for one in waiting]
        await _somebody_waits_for_a_lock(other)
        closing = asyncio.create_task(stores.close())
        await turns_of_the_loop()
        assert not closing.done()
        with pytest.raises(Unavailable):
            await append(store, statement())
    await asyncio.gather(closing, *appending)
    again = Stores(migrated_url, MASTER)
    assert set(ids(*waiting)) <= set(await found(await again.get("default")))
    await again.close()


async def test_a_job_for_which_there_is_no_room_is_to_be_tried_again_and_fails_nobody_else(store: Store) -> None:
    one = statement()

    def fills_the_disk(cursor: Cursor[TupleRow]) -> tuple[list[NewEvent], None]:
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'; END $$")
        return [], None

    outcomes = await asyncio.gather(
        append(store, one), store.perform(fills_the_disk), append(store, statement()), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [Appended, Unavailable, Appended]
    assert ids(one)[0] in await found(store)


async def test_a_job_whose_connection_breaks_is_performed_once(store: Store) -> None:
    """Nobody knows whether its commit was done: so who sent it looks, and statements that came with it go again."""
    one = statement()
    performed: list[None] = []

    def breaks(cursor: Cursor[TupleRow]) -> tuple[list[NewEvent], None]:
        performed.append(None)
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return [], None

    outcomes = await asyncio.gather(append(store, one), store.perform(breaks), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Appended, Unavailable]
    assert performed == [None]
    assert await found(store) == ids(one)
