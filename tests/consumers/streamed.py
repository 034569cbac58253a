"""A runner at work on a real stream, and the relay that fills it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import nats
from nats.aio.client import Client
from nats.js.api import StreamConfig

from consumers.database import Connections
from consumers.runner import Runner
from lrs.log.outage import Outage
from schemas.message import Message, encode_message, stream_name, subject, subjects
from tests.consumers.counting import PROJECTION
from tests.consumers.world import World
from tests.store.conftest import MASTER


class Streamed:
    """A world with its stream."""

    def __init__(self, world: World, client: Client) -> None:
        self.world = world
        self.client = client
        self.jetstream = client.jetstream()
        self.connections = Connections(world.url)
        self.rebuilds: list[str] = []
        self.published = 0

    async def make(self) -> None:
        name = self.world.name
        await self.jetstream.add_stream(StreamConfig(name=stream_name(name), subjects=[subjects(name)]))

    async def remove(self) -> None:
        await self.jetstream.delete_stream(stream_name(self.world.name))

    async def publish(self, messages: Sequence[Message] | None = None) -> None:
        """Publish messages; those that are new, unless they are given."""
        if messages is None:
            messages = [one for one in self.world.messages() if one.position > self.published]
            self.published = self.world.head()
        for message in messages:
            await self.jetstream.publish(subject(message), encode_message(message))

    async def rebuild(self, store: str, projection: str) -> None:
        """What the rebuilder's process does."""
        self.rebuilds.append(f"{store} {projection}")
        await asyncio.to_thread(self.world.rebuild().replace)

    def runner(self, client: Client | None = None, **options: Any) -> Runner:
        store = self.world.name
        connected = client or self.client
        outage = Outage(logging.getLogger())
        return Runner(self.connections, store, MASTER, PROJECTION, lambda: connected, self.rebuild, outage, **options)

    @asynccontextmanager
    async def running(self, runner: Runner | None = None) -> AsyncIterator[Runner]:
        """Run a runner; it must end when it is asked to."""
        runner = runner or self.runner()
        task = asyncio.create_task(runner.run())
        try:
            yield runner
        finally:
            runner.stop()
            await asyncio.wait_for(task, 30)

    async def at_head(self) -> None:
        """Wait until the tables hold all that the log has."""
        await until(lambda: self.world.position() == self.world.head(), "the tables to have caught up")

    async def moves_on(self, position: int) -> None:
        """Wait until the tables are beyond a position."""
        await until(lambda: self.world.position() > position, f"the tables to move on from {position}")

    async def connected(self) -> None:
        """Wait until NATS is there again."""
        await until(lambda: self.client.is_connected, "NATS to be back")

    async def all_acknowledged(self) -> None:
        """Wait until nothing is left to deliver, nor to acknowledge."""
        deadline = asyncio.get_running_loop().time() + 60
        while (info := await self._consumer()).num_ack_pending or info.num_pending:
            assert asyncio.get_running_loop().time() < deadline, info
            await asyncio.sleep(0.01)

    async def _consumer(self) -> Any:
        return await self.jetstream.consumer_info(stream_name(self.world.name), PROJECTION.name)


async def until(true: Callable[[], object], what: str, seconds: float = 60.0) -> None:
    """Wait until something is true."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not true():
        assert asyncio.get_running_loop().time() < deadline, f"waited {seconds} s for {what}"
        await asyncio.sleep(0.01)


async def _quiet(_: Exception) -> None:
    """Tests that stop NATS know that it is away."""


@asynccontextmanager
async def streamed(world: World, url: str) -> AsyncIterator[Streamed]:
    """Connect to NATS and make the stream; it is gone afterwards."""
    client = await nats.connect(url, max_reconnect_attempts=-1, reconnect_time_wait=0.1, error_cb=_quiet)
    made = Streamed(world, client)
    await made.make()
    try:
        yield made
    finally:
        with suppress(nats.errors.Error):
            await made.remove()
        await client.close()
        await asyncio.to_thread(made.connections.close)
