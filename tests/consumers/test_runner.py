"""A runner on a real stream: whatever happens around it, the tables get there and equal a replay."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from nats.aio.client import Client
from nats.aio.subscription import Subscription

from consumers.consume import Consume
from consumers.live import Live
from consumers.pull import Pull
from consumers.runner import has_gap
from lrs import sql
from lrs.store import Stores
from schemas.message import Message, stream_name
from schemas.policy import Policy
from tests.consumers.conftest import made_store
from tests.consumers.counting import POISON, PROJECTION, Counted
from tests.consumers.given import completed
from tests.consumers.streamed import Streamed, streamed, until
from tests.consumers.world import World, owner
from tests.store.conftest import MASTER


async def say_and_publish(stream: Streamed, times: int = 20) -> None:
    """Statements by several people, published as they are stored."""
    for number in range(times):
        await stream.world.say(completed(f"p{number % 3}"))
        await stream.publish()


async def test_what_is_published_becomes_rows_and_is_acknowledged(world: World, nats_url: str) -> None:
    async with streamed(world, nats_url) as stream, stream.running():
        await say_and_publish(stream)
        await stream.at_head()
        await stream.all_acknowledged()
    assert world.counts() == {"completed": 20}
    assert world.verify().equal


async def test_an_acknowledgement_that_is_lost_after_the_commit(
    world: World, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consumers.pull._ACK_WAIT", 0.5)
    async with streamed(world, nats_url) as stream:
        with monkeypatch.context() as lossy:
            lossy.setattr(Pull, "acknowledge", _lose)
            async with stream.running():
                await say_and_publish(stream)
                await stream.at_head()
        async with stream.running():
            await say_and_publish(stream, 5)
            await stream.at_head()
            await stream.all_acknowledged()
    assert world.counts() == {"completed": 25}
    assert world.verify().equal


async def _lose(*_: object) -> None:
    pass


async def test_two_runners_of_one_projection(world: World, nats_url: str) -> None:
    async with streamed(world, nats_url) as stream, stream.running(), stream.running():
        await say_and_publish(stream, 60)
        await stream.at_head()
    assert world.counts() == {"completed": 60}
    assert world.verify().equal


async def test_messages_that_the_stream_lost(world: World, nats_url: str) -> None:
    async with streamed(world, nats_url) as stream, stream.running():
        await stream.at_head()
        await world.say(*(completed() for _ in range(5)))
        await stream.publish(world.messages()[3:4])
        await stream.at_head()
    assert world.counts() == {"completed": 5}


async def test_nothing_is_published_at_all(world: World, nats_url: str) -> None:
    async with streamed(world, nats_url) as stream, stream.running():
        await world.say(*(completed() for _ in range(5)))
        await stream.at_head()
    assert world.counts() == {"completed": 5}


async def test_nats_was_never_there(world: World, nats_url: str) -> None:
    async with streamed(world, nats_url) as stream, stream.running(stream.runner(Client())):
        await world.say(*(completed() for _ in range(5)))
        await stream.at_head()
    assert world.counts() == {"completed": 5}


async def test_the_stream_is_deleted_and_made_again(world: World, nats_url: str) -> None:
    async with streamed(world, nats_url) as stream, stream.running():
        await say_and_publish(stream, 5)
        await stream.at_head()
        await stream.remove()
        await world.say(*(completed() for _ in range(5)))
        await stream.at_head()
        await stream.make()
        await stream.publish(world.messages())
        await say_and_publish(stream, 5)
        await stream.at_head()
        info = await stream.jetstream.stream_info(stream_name(world.name))
        await until_consumed(stream)
        assert info.state.messages
    assert world.counts() == {"completed": 15}
    assert world.verify().equal


async def until_consumed(stream: Streamed) -> None:
    """Wait until the runner has its consumer again."""
    async with asyncio.timeout(60):
        while (await stream.jetstream.stream_info(stream_name(stream.world.name))).state.consumer_count == 0:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_the_connection_to_the_database_breaks(world: World, nats_url: str) -> None:
    async with streamed(world, nats_url) as stream, stream.running():
        for _ in range(5):
            await say_and_publish(stream, 5)
            with owner(world.url) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name LIKE 'vliegwiel consume%' AND datname = current_database()"
                )
            world.reconnect()
        await stream.at_head()
    assert world.counts() == {"completed": 25}
    assert world.verify().equal


async def test_a_key_that_is_lost_is_waited_for(world: World, nats_url: str, caplog: pytest.LogCaptureFixture) -> None:
    await world.say(completed("ann"), completed("bea"))
    taken = "DELETE FROM person_keys WHERE ctid = (SELECT min(ctid) FROM person_keys) RETURNING *"
    row = sql.one(world.connection.execute(taken))
    async with streamed(world, nats_url) as stream, stream.running():
        await until(lambda: any("is gone from" in line for line in caplog.messages), "a word about the key")
        assert world.counts() == {}
        world.connection.execute("INSERT INTO person_keys VALUES (%s, %s, %s, %s)", row)
        await stream.at_head()
    assert world.counts() == {"completed": 2}
    assert world.verify().equal


async def test_a_poisoned_statement_stops_nobody_else(world: World, nats_url: str) -> None:
    async with streamed(world, nats_url) as stream, stream.running():
        await world.say(completed("ann"), completed("ann", {"id": POISON}), completed("bea"))
        await stream.publish()
        await say_and_publish(stream, 5)
        await stream.at_head()
        await stream.all_acknowledged()
    assert world.counts() == {"completed": 6}
    assert world.verify().equal


async def test_a_new_policy_has_the_tables_rebuilt(world: World, nats_url: str) -> None:
    async with streamed(world, nats_url) as stream, stream.running():
        await say_and_publish(stream, 5)
        await world.configure(Policy(time_zone="Europe/Lisbon"))
        await stream.publish()
        await say_and_publish(stream, 5)
        await until(lambda: {row[5] for row in world.rows()} == {"Europe/Lisbon"}, "the tables to be rebuilt")
        await say_and_publish(stream, 5)
        await stream.at_head()
    assert stream.rebuilds == [f"{world.name} counting"]
    assert world.counts() == {"completed": 15}
    assert world.verify().equal


async def test_a_new_version_has_the_tables_rebuilt(
    world: World, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consumers.live.SHORT", 0)
    await world.say(completed("ann"))
    async with streamed(world, nats_url) as stream, stream.running():
        await stream.at_head()
        await say_and_publish(stream, 5)
        await stream.at_head()
    assert stream.rebuilds == [f"{world.name} counting"]
    assert world.verify().equal


async def test_a_runner_that_is_stopped_finishes_its_batch(world: World, nats_url: str) -> None:
    async with streamed(world, nats_url) as stream:
        for _ in range(5):
            async with stream.running():
                await say_and_publish(stream, 10)
        position = world.position()
        assert position > 0
        assert world.verify().equal
        async with stream.running():
            await stream.at_head()
    assert world.counts() == {"completed": 50}


async def test_a_runner_that_is_stopped_within_a_gap_goes_on_there(
    world: World, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consumers.pull._ACK_WAIT", 0.5)
    monkeypatch.setattr("consumers.live.BATCH", 2)
    async with streamed(world, nats_url) as stream:
        async with stream.running() as runner:
            await until_consumed(stream)
            loop, catch_up_batch = asyncio.get_running_loop(), Live.catch_up_batch

            def and_stop(live: Live[Counted], up_to: int) -> bool:
                found = catch_up_batch(live, up_to)
                if found:
                    loop.call_soon_threadsafe(runner.stop)
                return found

            with monkeypatch.context() as stopping:
                stopping.setattr(Live, "catch_up_batch", and_stop)
                await world.say(*(completed() for _ in range(10)))
                await stream.publish(world.messages()[9:])
                await until(runner._stopping.is_set, "a batch of the gap")
        assert world.position() == 2
        async with stream.running():
            await stream.at_head()
            await stream.all_acknowledged()
    assert world.counts() == {"completed": 10}


@pytest.mark.parametrize(
    ("position", "positions", "gap"),
    [
        (0, [], False),
        (4, [2, 4], False),
        (4, [6, 8], False),
        (4, [8, 6, 2, 6, 8, 4], False),
        (4, [8], True),
        (4, [6, 10], True),
        (2, [8, 4, 10], True),
    ],
)
def test_a_gap_is_seen_in_any_order(position: int, positions: list[int], *, gap: bool) -> None:
    def message(at: int) -> Message:
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        return Message(store="s", position=at, previous=at - 2, stored=moment, kind="statement", id=UUID(int=at))

    assert has_gap(position, [message(at) for at in positions]) == gap


async def test_it_ends_though_the_connection_to_nats_is_broken(
    world: World, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = Client.close

    async def broken(*_: object) -> None:
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")

    async def close_broken(client: Client) -> None:
        await close(client)
        await broken()

    consume = Consume(world.url, MASTER, {"servers": nats_url}, [PROJECTION])
    async with streamed(world, nats_url) as stream:
        task = asyncio.create_task(consume.run())
        await until_consumed(stream)
        with monkeypatch.context() as breaking:
            breaking.setattr(Client, "close", close_broken)
            breaking.setattr(Subscription, "unsubscribe", broken)
            consume.stop()
            await asyncio.wait_for(task, 30)


async def test_stores_that_are_made_meanwhile(world: World, nats_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consumers.consume._LOOK_EVERY", 0.1)
    consume = Consume(world.url, MASTER, {"servers": nats_url}, [PROJECTION])
    task = asyncio.create_task(consume.run())
    stores = Stores(world.url, MASTER)
    try:
        await until(lambda: world.position() == 0, "the first store")
        other = World(world.url, await stores.get(made_store(world.url)))
        await other.say(completed("ann"))
        await world.say(completed("ann"), completed("bea"))
        await until(lambda: other.position() == 1 and world.position() == 2, "both stores", 90)
        assert other.verify().equal
        other.close()
    finally:
        consume.stop()
        await asyncio.wait_for(task, 30)
        await stores.close()
