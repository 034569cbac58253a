"""The stream: as the settings say, and whole again whatever happened to it."""

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from msgspec import DecodeError
from nats.errors import Error as NatsError
from nats.js.api import StreamConfig
from psycopg.sql import SQL, Identifier

from lrs.relay.stream import NotTaken, Stream
from lrs.store import Store
from schemas.message import Message, encode_message, stream_name
from tests.relay.given import (
    PATIENCE,
    Log,
    Watcher,
    eventually,
    positions,
    record,
    record_event,
    record_many,
    relaying,
)
from tests.store.given import statement

pytestmark = pytest.mark.usefixtures("impatient")


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


async def test_a_stale_publisher_is_refused_whole(watcher: Watcher, name: str) -> None:
    made = [_message(name, position) for position in range(1, 8)]
    stream, stale = (Stream(watcher.client, name, days=1, replicas=1) for _ in range(2))
    end = await stream.end()
    assert end is not None
    assert (end.message, end.sequence) == (None, 0)
    assert await stream.publish(made[:3], 0) == 3
    assert await stream.publish(made[3:5], 3) == 5
    for late in (made[:3], made[2:], made[4:], made[6:]):
        with pytest.raises(NotTaken):
            await stale.publish(late, 3)
    assert await watcher.messages(name) == made[:5]
    assert await stale.publish(made[5:], 5) == 7
    assert await watcher.messages(name) == made
    with pytest.raises(NotTaken):
        await stream.expect(5, empty=False)
    await stream.expect(7, empty=False)


async def test_publishing_to_a_stream_that_is_gone_is_refused(watcher: Watcher, name: str) -> None:
    stream = Stream(watcher.client, name, days=1, replicas=1)
    await stream.end()
    await stream.remove()
    with pytest.raises(NotTaken, match="nobody keeps it"):
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


def _set_back(url: str, store: str, expression: str) -> None:
    table = Identifier(f"store_{store}", "stored_events")
    with psycopg.connect(url) as owner:
        owner.execute(SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
        owner.execute(SQL("UPDATE {} SET stored = ").format(table) + SQL(expression))
        owner.execute(SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))


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
