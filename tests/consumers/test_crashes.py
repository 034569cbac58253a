"""Consumers and NATS are killed at random moments under load: nothing is lost, nothing counts twice."""

import asyncio
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lrs.local.nats import Nats
from tests.consumers.given import completed
from tests.consumers.streamed import Streamed, streamed
from tests.consumers.world import World
from tests.store.given import person, voiding


@pytest.fixture
def programs() -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Programs that were started; they are ended afterwards."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


def start(world: World, url: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "tests.consumers.program", world.url, url])


@asynccontextmanager
async def load(stream: Streamed) -> AsyncIterator[None]:
    """Statements that are stored and published meanwhile, some of them void."""
    stopping = asyncio.Event()

    async def send() -> None:
        number = 0
        while not stopping.is_set():
            number += 1
            one = completed(f"p{number % 20}", context={"instructor": person(f"p{number % 3}")})
            await stream.world.say(one, *([voiding(one)] if number % 5 == 0 else []))
            await stream.publish()

    task = asyncio.create_task(send())
    try:
        yield
    finally:
        stopping.set()
        await task


async def test_consumers_are_killed_at_random_moments(
    world: World, nats_url: str, programs: list["subprocess.Popen[bytes]"]
) -> None:
    chance = random.Random(7)
    async with streamed(world, nats_url) as stream:
        async with load(stream):
            for _ in range(8):
                programs += [start(world, nats_url) for _ in range(chance.choice([1, 1, 2]))]
                before = world.position()
                await stream.moves_on(before)
                await asyncio.sleep(chance.random() * 0.2)  # the moment is the point: any will do
                for process in programs:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
        programs.append(start(world, nats_url))
        await stream.at_head()
        programs[-1].send_signal(signal.SIGTERM)
        assert programs[-1].wait(30) == 0
    assert world.verify().equal
    assert sum(world.counts().values()) > 0


async def test_nats_is_killed_and_its_disk_emptied(world: World, tmp_path: Path) -> None:
    server = Nats(tmp_path / "nats", log=tmp_path / "nats.log")
    program = server.program()
    process = program.start()
    program.wait_until_ready(process, time.sleep)
    try:
        async with streamed(world, server.url) as stream, stream.running():
            for emptied in (False, True):
                await say(stream, 5)
                await stream.at_head()
                process.kill()
                process.wait()
                await world.say(*(completed("bea") for _ in range(5)))
                await stream.at_head()
                if emptied:
                    shutil.rmtree(server.folder)
                program = server.program()
                process = program.start()
                program.wait_until_ready(process, time.sleep)
                await stream.connected()
                if emptied:
                    await stream.make()
            await say(stream, 5)
            await stream.at_head()
        assert world.counts() == {"completed": 25}
        assert world.verify().equal
    finally:
        process.kill()
        process.wait()


async def say(stream: Streamed, times: int) -> None:
    for _ in range(times):
        await stream.world.say(completed("ann"))
        await stream.publish()
