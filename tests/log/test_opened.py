"""What is opened once per process."""

import asyncio
import threading

import pytest

from lrs.log.opened import Opened
from lrs.log.work import Unavailable


async def test_each_is_opened_once_even_if_who_asked_first_hangs_up() -> None:
    connected: list[str] = []
    may_connect = threading.Event()

    def connect(name: str) -> object:
        connected.append(name)
        may_connect.wait()
        return object()

    opened = Opened(connect)
    asking = [asyncio.create_task(opened.get("north")) for _ in range(3)]
    await asyncio.sleep(0)
    asking[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking[0]
    may_connect.set()
    first, second = await asyncio.gather(*asking[1:])
    assert first is second is await opened.get("north")
    assert connected == ["north"]
    assert opened.take_all() == [first]
    assert await opened.get("north") is not first


async def test_one_that_can_t_be_opened_is_tried_again() -> None:
    outcomes = [Unavailable("away"), None]

    def connect(name: str) -> str:
        if outcome := outcomes.pop(0):
            raise outcome
        return name

    opened = Opened(connect)
    with pytest.raises(Unavailable):
        await opened.get("north")
    assert await opened.get("north") == "north"
