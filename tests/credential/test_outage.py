"""The database stops and comes back while a server runs."""

import asyncio

import pytest

from lrs.credential import Credentials, Registry, Secret
from lrs.credential import credentials as module
from lrs.log.work import Unavailable
from lrs.seal import MasterKey
from lrs.store import migrate
from tests.stoppable_database import StoppableDatabase


async def test_away_and_back(stoppable_database: StoppableDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TRUST_SECONDS", 0)
    url = stoppable_database.server.url()
    await asyncio.to_thread(migrate, url)
    registry = Registry(url, MasterKey(bytes(32)), "https://lrs.example")
    credentials = Credentials(registry)
    registry.register_store("north", "", by="test")
    registry.issue("north", ["all"], by="test", key="player", secret=Secret("s"))
    assert await credentials.authenticate("player", "s") is not None

    stoppable_database.stop()
    for _ in range(2):
        with pytest.raises(Unavailable):
            await credentials.authenticate("player", "s")
        with pytest.raises(Unavailable):
            await credentials.authenticate("nobody", "s")

    stoppable_database.start()
    while True:
        try:
            assert await credentials.authenticate("player", "s") is not None
            break
        except Unavailable:
            await asyncio.sleep(0.01)
    credentials.close()
    registry.close()
