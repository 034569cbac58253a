"""What happens to the stream when something is killed: nothing gets lost, nothing comes twice."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from nats.aio.client import Client

from lrs.local.nats import Nats
from lrs.local.program import Program
from lrs.relay.database import Database
from lrs.store import Store
from schemas.message import stream_name
from tests.relay.given import MASTER_TEXT, Log, Watcher, eventually, record_many, relaying, watching


class OwnNats:
    """A NATS that a test may kill."""

    def __init__(self, folder: Path) -> None:
        self.log = folder.with_suffix(".log")
        self._server = Nats(folder, log=self.log)
        self._program: Program
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def password(self) -> str:
        return self._server._password

    @password.setter
    def password(self, password: str) -> None:
        self._server._password = password

    def start(self) -> None:
        """Start it, on the port it had before."""
        self._program = self._server.program()
        self._process = self._program.start()
        self._program.wait_until_ready(self._process, time.sleep)

    def forget(self) -> None:
        """Empty its disk."""
        shutil.rmtree(self._server.folder / "jetstream")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Stop it by a signal and wait until it is gone."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None


@pytest.fixture
def own_nats(server_folder: Path, name: str) -> Iterator[OwnNats]:
    """A NATS of the test's own."""
    server = OwnNats(server_folder / f"nats-{name}")
    server.start()
    yield server
    server.stop()


class Process:
    """`lrs relay` as a process."""

    def __init__(self, database_url: str, nats_url: str) -> None:
        environment = {"LRS_DATABASE_URL": database_url, "LRS_NATS_URL": nats_url, "LRS_MASTER_KEY": MASTER_TEXT}
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from lrs.cli.relay import relay; relay()"],
            env={**os.environ, **environment},
            stderr=subprocess.PIPE,
        )

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """End it by a signal; gives its exit code and what it said."""
        self._process.send_signal(number)
        _, said = self._process.communicate(timeout=30)
        return self._process.returncode, said.decode()


async def test_a_relay_that_is_killed_under_way_loses_and_repeats_nothing(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher
) -> None:
    await record_many(store, 6_000)
    reached = 0
    for part in (100, 1_500, 3_000):
        relay = Process(url, nats_url)
        try:
            await watcher.until(name, max(part, reached + 1))
        finally:
            relay.end(signal.SIGKILL)
        reached = await watcher.last(name)
    assert reached < 6_000, "it was through before it was killed: nothing was tested"
    relay = Process(url, nats_url)
    await watcher.until(name, 6_000)
    assert relay.end(signal.SIGTERM) == (0, "lrs relay: relaying\n")
    assert await watcher.messages(name) == log.all()
    assert (await watcher.jetstream.stream_info(stream_name(name))).state.last_seq == 6_000


async def test_killed_while_another_waits(
    url: str, nats_url: str, store: Store, name: str, log: Log, watcher: Watcher
) -> None:
    await record_many(store, 100)
    first = Process(url, nats_url)
    await watcher.until(name, 100)
    second = Process(url, nats_url)
    await record_many(store, 100)
    first.end(signal.SIGKILL)
    await watcher.until(name, 200)
    await record_many(store, 100)
    await watcher.until(name, 300)
    assert second.end(signal.SIGINT)[0] == 0
    assert await watcher.messages(name) == log.all()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_nats_ends_under_load_and_comes_back(
    url: str,
    own_nats: OwnNats,
    store: Store,
    name: str,
    log: Log,
    number: signal.Signals,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with relaying(url, own_nats.url), watching(own_nats.url) as watcher:
        writing = asyncio.create_task(_keep_recording(store, 40))
        await watcher.until(name, 200)
        await asyncio.to_thread(own_nats.stop, number)
        await eventually(lambda: any("NATS does not answer" in line for line in caplog.messages))
        await writing
        await asyncio.to_thread(own_nats.start)
        await watcher.until(name, log.messages.head(log.cursor))
        assert sum("NATS does not answer" in line for line in caplog.messages) == 1
        assert caplog.messages.count("NATS is back") == 1
        assert await watcher.messages(name) == log.all()


async def _keep_recording(store: Store, times: int) -> None:
    for _ in range(times):
        await record_many(store, 25)


async def test_nats_may_come_later(url: str, own_nats: OwnNats, store: Store, name: str, log: Log) -> None:
    own_nats.stop()
    await record_many(store, 50)
    async with relaying(url, own_nats.url):
        own_nats.start()
        async with watching(own_nats.url) as watcher:
            await watcher.until(name, 50)
            assert await watcher.messages(name) == log.all()


async def test_it_can_be_stopped_while_nats_is_away(url: str, own_nats: OwnNats) -> None:
    own_nats.stop()
    async with relaying(url, own_nats.url):
        await asyncio.sleep(0)


async def test_it_ends_though_the_connection_to_nats_is_broken(
    url: str, nats_url: str, store: Store, name: str, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    close, close_database = Client.close, Database.close
    closed = []

    async def broken(client: Client) -> None:
        await close(client)
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")

    async def noted(database: Database) -> None:
        await close_database(database)
        closed.append(database)

    await record_many(store, 5)
    with monkeypatch.context() as breaking:
        breaking.setattr(Client, "close", broken)
        breaking.setattr(Database, "close", noted)
        async with relaying(url, nats_url):
            await watcher.until(name, 5)
    assert len(closed) == 1


async def test_nats_loses_its_disk(url: str, own_nats: OwnNats, store: Store, name: str, log: Log) -> None:
    await record_many(store, 50)
    async with relaying(url, own_nats.url), watching(own_nats.url) as watcher:
        await watcher.until(name, 50)
        own_nats.stop(signal.SIGKILL)
        own_nats.forget()
        own_nats.start()
        await watcher.until(name, 50)
        await record_many(store, 50)
        await watcher.until(name, 100)
        assert await watcher.messages(name) == log.all()


async def test_nats_refuses_us_for_a_while(url: str, own_nats: OwnNats, store: Store, name: str, log: Log) -> None:
    await record_many(store, 50)
    reached, password = own_nats.url, own_nats.password
    relay = Process(url, reached)
    async with watching(reached) as watcher:
        await watcher.until(name, 50)
    own_nats.stop()
    own_nats.password = "another"
    own_nats.start()
    await record_many(store, 10)
    await eventually(lambda: b"authentication error" in own_nats.log.read_bytes())
    own_nats.stop()
    own_nats.password = password
    own_nats.start()
    async with watching(reached) as watcher:
        await watcher.until(name, 60)
        assert await watcher.messages(name) == log.all()
    code, said = relay.end(signal.SIGTERM)
    assert code == 0
    assert said.count("NATS does not answer") == said.count("NATS is back") == 1
