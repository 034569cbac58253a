"""The database stops and comes back while a server runs."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrs.credential import Credentials, Registry, Secret
from lrs.local.postgres import Postgres
from lrs.local.program import Program
from lrs.log.work import Unavailable
from lrs.seal import MasterKey
from lrs.store import migrate


class Database:
    """A Postgres of this test's own, to stop and start."""

    def __init__(self, folder: Path) -> None:
        self.server = Postgres(folder / "outage" / "postgres", log=folder / "outage" / "log", options={"fsync": "off"})
        self.start()
        self.server.create_database()

    def start(self) -> None:
        self.program: Program = self.server.program()
        self.process = self.program.start()
        self.program.wait_until_ready(self.process, time.sleep)

    def stop(self) -> None:
        self.program.stop(self.process)


@pytest.fixture
def database(server_folder: Path) -> Iterator[Database]:
    database = Database(server_folder)
    yield database
    database.stop()


async def test_away_and_back(database: Database) -> None:
    url = database.server.url()
    await asyncio.to_thread(migrate, url)
    registry = Registry(url, MasterKey(bytes(32)), "https://lrs.example")
    credentials = Credentials(registry)
    registry.register_store("north", "", by="test")
    registry.issue("north", ["all"], by="test", key="player", secret=Secret("s"))
    assert await credentials.authenticate("player", "s") is not None

    database.stop()
    await asyncio.sleep(1)  # for so long an answer is believed
    for _ in range(2):
        asked = time.monotonic()
        with pytest.raises(Unavailable):
            await credentials.authenticate("player", "s")
        with pytest.raises(Unavailable):
            await credentials.authenticate("nobody", "s")
        assert time.monotonic() - asked < 5

    database.start()
    back = time.monotonic()
    while True:
        try:
            assert await credentials.authenticate("player", "s") is not None
            break
        except Unavailable:
            assert time.monotonic() - back < 5
    credentials.close()
    registry.close()
