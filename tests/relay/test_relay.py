"""The relay: what is in the log is in the stream, in order, once."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from msgspec import DecodeError
from nats.errors import Error as NatsError
from nats.js.api import StreamConfig
from psycopg.sql import SQL, Identifier

from lrs import sql
from lrs.relay.database import Database
from lrs.relay.store_relay import StoreRelay
from lrs.relay.stream import Refused, Stream
from lrs.store import Store, Stores, create_store
from schemas.message import Message, encode_message, stream_name
from schemas.policy import Policy
from tests.relay.given import (
    MASTER,
    PATIENCE,
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


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    # Tests can't wait for what is only noticed by looking now and then, or until the server forgets message ids.
    monkeypatch.setattr("lrs.relay.store_relay.POLL", 0.1)
    monkeypatch.setattr("lrs.relay.relay.POLL", 0.1)
    monkeypatch.setattr("lrs.relay.relay._TRY_AGAIN", 0.05)
    monkeypatch.setattr("lrs.relay.stream._REMEMBERED", 0.5)


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


@pytest.mark.parametrize("lose", ["delete", "purge", "purge all but the last", "delete the last"])
async def test_a_stream_that_lost_messages_goes_on(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher, lose: str
) -> None:
    await record_many(store, 30)
    async with relaying(url, nats_url):
        await watcher.until(name, 30)
        match lose:
            case "delete":
                await watcher.jetstream.delete_stream(stream_name(name))
            case "purge":
                await watcher.jetstream.purge_stream(stream_name(name))
            case "purge all but the last":
                await watcher.jetstream.purge_stream(stream_name(name), keep=1)
            case _:
                await watcher.jetstream.delete_msg(stream_name(name), 30)
        await record_many(store, 3)
        await watcher.until(name, 33)
    messages = await watcher.messages(name)
    held = positions(messages)
    # Something may come a second time, but nothing new is missing and nothing goes backwards.
    assert held == sorted(set(held))
    assert {31, 32, 33} <= set(held)
    whole = {message.position: message for message in log.all()}
    assert all(message == whole[message.position] for message in messages)


@pytest.mark.parametrize("lose", ["delete", "purge"])
async def test_an_emptied_stream_is_filled_though_nothing_is_appended(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher, lose: str
) -> None:
    await record_many(store, 30)
    async with relaying(url, nats_url):
        await watcher.until(name, 30)
        if lose == "delete":
            await watcher.jetstream.delete_stream(stream_name(name))
        else:
            await watcher.jetstream.purge_stream(stream_name(name))
        await watcher.until(name, 30)
    assert await watcher.messages(name) == log.all()


async def test_an_empty_stream_begins_with_what_it_keeps_but_holds_the_last_message(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher
) -> None:
    await record_many(store, 9)
    await record_event(store, "document.changed")
    _set_back(url, name, "stored - interval '8 days'")
    async with relaying(url, nats_url, stream_days=7):
        await watcher.until(name, 9)
        assert positions(await watcher.messages(name)) == [9]
        await record_many(store, 2)
        await watcher.until(name, 12)
    assert positions(await watcher.messages(name)) == [9, 11, 12]
    await watcher.jetstream.delete_stream(stream_name(name))
    async with relaying(url, nats_url, stream_days=30):
        await watcher.until(name, 12)
    assert await watcher.messages(name) == log.all()


def _set_back(url: str, store: str, expression: str) -> None:
    table = Identifier(f"store_{store}", "stored_events")
    with psycopg.connect(url) as owner:
        owner.execute(SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
        owner.execute(SQL("UPDATE {} SET stored = ").format(table) + SQL(expression))
        owner.execute(SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))


async def test_a_stream_of_another_log_is_made_anew(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher
) -> None:
    await record_many(store, 10)
    async with relaying(url, nats_url):
        await watcher.until(name, 10)
    # As after putting back a backup: the last events are gone, and others took their positions.
    with psycopg.connect(url) as owner:
        table = Identifier(f"store_{name}", "stored_events")
        owner.execute(SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
        owner.execute(SQL("DELETE FROM {} WHERE notification_id > 6").format(table))
        for beside in ("statement_terms", "statement_salts"):
            owner.execute(SQL("DELETE FROM {} WHERE position > 6").format(Identifier(f"store_{name}", beside)))
        owner.execute(SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))
    await record_many(store, 6)
    async with relaying(url, nats_url):
        await watcher.until(name, 12)
    assert await watcher.messages(name) == log.all()


async def test_what_is_no_message_of_ours_makes_the_stream_anew(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher
) -> None:
    await record_many(store, 5)
    async with relaying(url, nats_url):
        await watcher.until(name, 5)
        await watcher.client.publish(f"lrs.{name}.intruder", b"hello")
        await record_many(store, 5)
        await eventually_equal(watcher, name, log)


async def eventually_equal(watcher: Watcher, name: str, log: Log) -> None:
    """Wait until the stream is a copy of the log."""
    whole = log.all()
    messages: list[Message] = []
    async with asyncio.timeout(PATIENCE):
        while messages != whole:
            # What isn't ours can't be read, and the stream may be gone at the moment.
            with contextlib.suppress(NatsError, DecodeError):
                messages = await watcher.messages(name)
            await asyncio.sleep(0.05)


async def test_a_message_too_large_for_nats_is_left_out(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher, caplog: pytest.LogCaptureFixture
) -> None:
    await record(store, statement())
    await record(store, statement(result={"extensions": {"http://example.org/text": "x" * (8 << 20)}}))
    await record(store, statement())
    async with relaying(url, nats_url):
        await watcher.until(name, 3)
    first, _, third = log.all()
    assert await watcher.messages(name) == [first, third]
    assert third.previous == 2
    assert f"lrs-{name}: position 2 is too large for NATS: left out" in caplog.messages


async def test_a_stream_whose_only_message_is_too_large_is_left_in_peace(
    url: str,
    nats_url: str,
    store: Store,
    name: str,
    watcher: Watcher,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = 0
    expect = Stream.expect

    async def look(stream: Stream, sequence: int, *, empty: bool) -> None:
        nonlocal looks
        looks += 1
        await expect(stream, sequence, empty=empty)

    monkeypatch.setattr(Stream, "expect", look)
    await record(store, statement(result={"extensions": {"http://example.org/text": "x" * (8 << 20)}}))
    async with relaying(url, nats_url):
        await eventually(lambda: looks > 2)
        await record(store, statement())
        await watcher.until(name, 2)
    assert caplog.messages.count(f"lrs-{name}: position 1 is too large for NATS: left out") == 1
    assert not any("trying again" in line for line in caplog.messages)


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


async def test_a_stale_publisher_is_refused_whole(watcher: Watcher, name: str) -> None:
    made = [_message(name, position) for position in range(1, 8)]
    stream, stale = (Stream(watcher.client, name, days=1, replicas=1) for _ in range(2))
    end = await stream.end()
    assert end is not None
    assert (end.message, end.sequence) == (None, 0)
    assert await stream.publish(made[:3], 0) == 3
    assert await stream.publish(made[3:5], 3) == 5
    for late in (made[:3], made[2:], made[4:], made[6:]):
        with pytest.raises(Refused):
            await stale.publish(late, 3)
    assert await watcher.messages(name) == made[:5]
    assert await stale.publish(made[5:], 5) == 7
    assert await watcher.messages(name) == made
    with pytest.raises(Refused):
        await stream.expect(5, empty=False)
    await stream.expect(7, empty=False)


async def test_publishing_to_a_stream_that_is_gone_is_refused(watcher: Watcher, name: str) -> None:
    stream = Stream(watcher.client, name, days=1, replicas=1)
    await stream.end()
    await stream.remove()
    with pytest.raises(Refused, match="nobody keeps it"):
        await stream.publish([_message(name, 1)], 0)


def _message(store: str, position: int) -> Message:
    raw: dict[str, Any] = {"store": store, "position": position, "previous": position - 1, "kind": "statement"}
    stored = datetime(2026, 1, 1, tzinfo=UTC)
    return Message(**raw, stored=stored, id=uuid4(), learner=uuid4())


async def test_repeats_are_removed_by_message_id(watcher: Watcher, name: str) -> None:
    stream = Stream(watcher.client, name, days=1, replicas=1)
    await stream.end()
    message = _message(name, 1)
    await stream.publish([message], 0)
    acknowledged = await watcher.jetstream.publish(
        f"lrs.{name}.x", encode_message(message), headers={"Nats-Msg-Id": "1"}
    )
    assert acknowledged.duplicate
    assert await watcher.messages(name) == [message]


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


async def test_the_stream_is_as_the_settings_say(
    url: str, nats_url: str, store: Store, name: str, watcher: Watcher
) -> None:
    await record(store, statement())
    async with relaying(url, nats_url, stream_days=3):
        await watcher.until(name, 1)
    config = (await watcher.jetstream.stream_info(stream_name(name))).config
    assert (config.max_age, config.num_replicas, config.subjects) == (3 * 86_400, 1, [f"lrs.{name}.>"])
    async with relaying(url, nats_url, stream_days=4):
        await record(store, statement())
        await watcher.until(name, 2)
    assert (await watcher.jetstream.stream_info(stream_name(name))).config.max_age == 4 * 86_400


async def test_a_stream_somebody_else_made_is_used(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher
) -> None:
    await watcher.jetstream.add_stream(StreamConfig(name=stream_name(name), subjects=[f"lrs.{name}.>"]))
    await record_many(store, 5)
    async with relaying(url, nats_url):
        await watcher.until(name, 5)
    assert await watcher.messages(name) == log.all()


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
