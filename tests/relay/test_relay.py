"""The relay: what is in the log is in the stream, in order, once."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL

from lrs import sql
from lrs.relay.database import Database
from lrs.relay.store_relay import StoreRelay
from lrs.store import Store, Stores, create_store
from schemas.message import stream_name
from schemas.policy import Policy
from tests.relay.given import (
    MASTER,
    Log,
    Watcher,
    eventually,
    positions,
    record,
    record_change,
    record_event,
    record_many,
    relaying,
)
from tests.store.given import statement

pytestmark = pytest.mark.usefixtures("impatient")


async def test_the_stream_is_a_copy_of_the_log(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher
) -> None:
    await record_event(store, "document.changed")
    await record_many(store, 1_234)
    await record_change(store, "policy", Policy())
    async with relaying(url, nats_url):
        await watcher.until(name, 1_236)
        await record(store, statement())
        await record_event(store, "document.changed")
        await record(store, statement())
        await watcher.until(name, 1_239)
    messages = await watcher.messages(name)
    assert messages == log.all()
    assert positions(messages) == [*range(2, 1_238), 1_239]
    assert [one.previous for one in messages] == [0, *positions(messages)[:-1]]
    assert {one.subject for one in await watcher.raw(name) if one.subject} == {
        f"lrs.{name}.configuration",
        *(f"lrs.{name}.{one.learner}" for one in messages if one.learner),
    }


async def test_a_database_that_silently_goes_away_is_noticed(url: str, name: str) -> None:
    database = Database(url, MASTER)
    try:
        options = await database.run(name, lambda _, cursor: cursor.connection.info.get_parameters())
    finally:
        await database.close()
    # Otherwise whoever waits for an answer would wait for hours.
    assert int(options["keepalives_idle"]) + 3 * int(options["keepalives_interval"]) < 30
    assert int(options["tcp_user_timeout"]) < 30_000


async def test_what_is_appended_is_published_when_it_is_notified(
    url: str, nats_url: str, store: Store, name: str, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrs.relay.store_relay.POLL", 3600)
    monkeypatch.setattr("lrs.relay.relay.POLL", 3600)
    await record(store, statement())
    async with relaying(url, nats_url):
        await watcher.until(name, 1)
        for position in range(2, 5):
            await record(store, statement())
            await watcher.until(name, position)


async def test_it_goes_on_where_it_was(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher
) -> None:
    for _ in range(3):
        await record_many(store, 20)
        async with relaying(url, nats_url):
            await watcher.until(name, log.messages.head(log.cursor))
    assert await watcher.messages(name) == log.all()
    info = await watcher.jetstream.stream_info(stream_name(name))
    assert info.state.last_seq == 60


async def test_three_stores_and_one_made_meanwhile(
    url: str, nats_url: str, stores: Stores, name: str, open_log: Callable[[str], Log], watcher: Watcher
) -> None:
    names = [f"{name}_{letter}" for letter in "abcd"]
    for one in names[:3]:
        create_store(url, one)
    async with relaying(url, nats_url):
        await asyncio.gather(*[_record_in(stores, one, 40) for one in names[:3]])
        create_store(url, names[3])
        await _record_in(stores, names[3], 40)
        for one in names:
            await watcher.until(one, 40)
    for one in names:
        assert await watcher.messages(one) == open_log(one).all()


async def _record_in(stores: Stores, name: str, count: int) -> None:
    store = await stores.get(name)
    for _ in range(count // 4):
        await record_many(store, 4)


async def test_one_relay_is_active_and_another_takes_over(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher, caplog: pytest.LogCaptureFixture
) -> None:
    await record_many(store, 10)
    async with relaying(url, nats_url) as first, relaying(url, nats_url) as second:
        await watcher.until(name, 10)
        await eventually(lambda: "another relay is active: waiting to take over" in caplog.messages)
        assert caplog.messages.count("relaying") == 1
        active = first if first._stores else second
        active.stop()
        await record_many(store, 10)
        await watcher.until(name, 20)
        assert caplog.messages.count("relaying") == 2
    assert await watcher.messages(name) == log.all()


async def test_two_that_believe_they_are_active_keep_the_order(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrs.relay.relay._queries.try_lock", SQL("SELECT true"), raising=False)
    async with relaying(url, nats_url), relaying(url, nats_url), relaying(url, nats_url):
        for _ in range(20):
            await record_many(store, 30)
        await watcher.until(name, 600)
    assert await watcher.messages(name) == log.all()
    assert (await watcher.jetstream.stream_info(stream_name(name))).state.last_seq == 600


async def test_a_cut_connection_to_postgres_stops_nothing(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher
) -> None:
    async with relaying(url, nats_url):
        for round_ in range(1, 6):
            await record_many(store, 100)
            with psycopg.connect(url) as owner:
                owner.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND application_name LIKE 'vliegwiel relay%'"
                )
            await watcher.until(name, round_ * 100)
    assert await watcher.messages(name) == log.all()
    assert (await watcher.jetstream.stream_info(stream_name(name))).state.last_seq == 500


async def test_who_loses_the_lock_lets_go_though_a_cancellation_is_swallowed(
    url: str,
    nats_url: str,
    store: Store,
    name: str,
    watcher: Watcher,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    woken = StoreRelay._woken

    async def deaf(relay: StoreRelay) -> bool:
        with contextlib.suppress(asyncio.CancelledError):  # as asyncio.wait_for may, before Python 3.12
            return await woken(relay)
        return True

    monkeypatch.setattr(StoreRelay, "_woken", deaf)
    async with relaying(url, nats_url):
        await record(store, statement())
        await watcher.until(name, 1)
        with psycopg.connect(url) as owner:
            owner.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'vliegwiel relay lock'"
            )
        await eventually(lambda: caplog.messages.count("relaying") == 2)


async def test_it_waits_for_a_key_that_is_lost_and_says_so_once(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher, caplog: pytest.LogCaptureFixture
) -> None:
    await record(store, statement("ann"), statement("ben"))
    taken = "DELETE FROM person_keys WHERE ctid = (SELECT min(ctid) FROM person_keys) RETURNING *"
    row = sql.one(log.cursor.execute(taken))
    said = f"lrs-{name}: the key with the id {row[0]} is gone from store_{name}.person_keys though no erasure"
    async with relaying(url, nats_url):
        await eventually(lambda: any(line.startswith(said) for line in caplog.messages))
        assert await watcher.last(name) == 0
        log.cursor.execute("INSERT INTO person_keys VALUES (%s, %s, %s, %s)", row)
        await watcher.until(name, 2)
    assert sum(line.startswith(said) for line in caplog.messages) == 1
    assert await watcher.messages(name) == log.all()


async def test_how_far_it_is_is_written_down(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher
) -> None:
    await record_many(store, 600)
    async with relaying(url, nats_url):
        await watcher.until(name, 600)
        await eventually(lambda: _noted(log) == [(stream_name(name), 600)])
        await record_many(store, 1)
        await eventually(lambda: _noted(log) == [(stream_name(name), 601)])


def _noted(log: Log) -> list[Any]:
    return log.cursor.execute("SELECT stream, position FROM relay_positions").fetchall()


async def test_it_stops_when_asked_whatever_it_waits_for(
    url: str, nats_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with relaying(url, nats_url) as active:
        await eventually(lambda: bool(active._stores))
        async with relaying(url, nats_url):
            await eventually(lambda: "another relay is active: waiting to take over" in caplog.messages)
    async with relaying("postgresql://nobody@localhost:1/none", nats_url):
        await eventually(lambda: any(line.startswith("the database does not answer") for line in caplog.messages))
