"""All runners share a few connections, so that there are always some left to take statements in."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from nats.aio.client import Client
from psycopg import Connection
from psycopg.errors import DivisionByZero
from psycopg.rows import TupleRow

from consumers.database import Connections
from consumers.runner import Runner
from lrs.log.outage import Outage
from lrs.store import Stores
from tests.consumers.conftest import made_store
from tests.consumers.counting import PROJECTION
from tests.consumers.given import completed
from tests.consumers.streamed import until
from tests.consumers.world import World, owner
from tests.store.conftest import MASTER


@pytest.fixture
async def two(world: World) -> AsyncIterator[Connections]:
    """Two connections."""
    connections = Connections(world.url, most=2)
    yield connections
    await asyncio.to_thread(connections.close)


async def no_rebuild(store: str, projection: str) -> None:
    pytest.fail(f"{projection} of {store} needs no rebuild")


def runner_of(world: World, connections: Connections) -> Runner:
    """A runner without NATS: it goes on from the log."""
    return Runner(connections, world.name, MASTER, PROJECTION, Client, no_rebuild, Outage(logging.getLogger()))


async def test_runners_of_many_stores_get_by_with_two(
    world: World, two: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consumers.runner.IDLE", 0.05)
    stores = Stores(world.url, MASTER)
    worlds = [world, *[World(world.url, await stores.get(made_store(world.url))) for _ in range(5)]]
    runners = [runner_of(one, two) for one in worlds]
    tasks = [asyncio.create_task(runner.run()) for runner in runners]
    seen = set()

    def all_at_head() -> bool:
        seen.add(connected(world))
        return all(one.position() == one.head() for one in worlds)

    for number in range(3):
        for one in worlds:
            await one.say(completed(f"p{number}"))
        await until(all_at_head, "all stores to have caught up")
    for runner in runners:
        runner.stop()
    await asyncio.wait_for(asyncio.gather(*tasks), 30)
    assert max(seen) == 2
    assert [one.counts() for one in worlds] == [{"completed": 3}] * 6
    for one in worlds[1:]:
        one.close()
    await stores.close()


def connected(world: World) -> int:
    """How many connections there are at this moment."""
    with owner(world.url) as connection:
        row = connection.execute(
            "SELECT count(*)::int FROM pg_stat_activity"
            " WHERE application_name = 'vliegwiel consume' AND datname = current_database()"
        ).fetchone()
    assert row is not None
    return int(row[0])


async def test_a_runner_that_waits_for_its_turn_can_be_stopped(world: World, two: Connections) -> None:
    runner = runner_of(world, two)
    async with two.turn, two.turn:
        task = asyncio.create_task(runner.run())
        await until(lambda: two.turn._waiters, "the runner to wait")
        runner.stop()
    await asyncio.wait_for(task, 30)
    assert world.position() == -1


async def test_a_connection_is_as_new_for_who_gets_it_next(world: World, two: Connections) -> None:
    def spoil(connection: Connection[TupleRow]) -> None:
        connection.execute("SET search_path = nowhere")
        connection.execute("BEGIN")
        connection.execute("SELECT 1 / 0")

    def path(connection: Connection[TupleRow]) -> tuple[str, str]:
        row = connection.execute("SELECT current_schema()::text, current_user::text").fetchone()
        assert row is not None
        return row[0], row[1]

    for _ in range(3):
        with pytest.raises(DivisionByZero):
            two.run(world.name, spoil)
        assert two.run(world.name, path) == (f"store_{world.name}", "vliegwiel_app")
