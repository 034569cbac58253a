"""Functions that wait within the event loop."""

import asyncio
import socket
from collections.abc import Callable

import pytest
from psycopg.waiting import Ready, Wait

from lrs.log.interleaved import Interleaved, interleaved


async def test_what_waits_never_has_the_loop_watch_a_socket_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    # Its stack lies where libuv's was, which libuv looks at then: the process crashes, but only now and then.
    loop = asyncio.get_running_loop()
    asked = []
    for name in ("add_reader", "add_writer", "remove_reader", "remove_writer"):
        real = getattr(loop, name)

        def watched(*args: object, name: str = name, real: Callable[..., object] = real) -> object:
            asked.append((name, interleaved()))
            return real(*args)

        monkeypatch.setattr(loop, name, watched)
    ours, theirs = socket.socketpair()
    outcomes: list[int] = []
    ended = loop.create_future()

    def wait_for_several() -> None:
        running = interleaved()
        assert running
        outcomes.append(running.until_ready(ours.fileno(), Wait.W, 30))
        outcomes.append(running.in_thread(lambda: theirs.send(b"one")))
        outcomes.append(running.until_ready(ours.fileno(), Wait.R, 30))
        outcomes.append(running.until_ready(ours.fileno(), Wait.RW, 30))
        ended.set_result(None)

    with ours, theirs:
        Interleaved(wait_for_several).go_on()
        await ended
    assert outcomes[:3] == [Ready.W, 3, Ready.R]
    assert outcomes[3] in {Ready.R, Ready.W}
    assert {name for name, _ in asked} == {"add_reader", "add_writer", "remove_reader", "remove_writer"}
    assert {who for _, who in asked} == {None}
