"""The configuration logs of several stores."""

import asyncio
import threading

import pytest

from lrs.configuration import Configurations, configurations
from lrs.seal import MasterKey


class _Log:
    """In the place of a store's: connecting to the north takes until it may."""

    may_connect = threading.Event()

    def __init__(self, _url: str, store: str, _master: MasterKey) -> None:
        if store == "north":
            self.may_connect.wait()
        self.open = True

    def close(self) -> None:
        self.open = False


async def test_stores_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configurations, "ConfigurationLog", _Log)
    logs = Configurations("", MasterKey(bytes(32)))
    connecting = asyncio.create_task(logs.get("north"))
    await asyncio.sleep(0)
    south = await logs.get("south")
    assert not connecting.done()
    _Log.may_connect.set()
    both = [await connecting, south]
    await logs.close()
    assert [log.open for log in both] == [False, False]  # type: ignore[attr-defined]
