"""Whoever hangs up isn't read for any longer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from lrs.protocol import Protocol

REQUEST = "{} /{} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"


class App:
    """Answers no request before it is told to."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.began: list[str] = []
        self.has_begun = asyncio.Event()
        self.ended: asyncio.Queue[str] = asyncio.Queue()

    async def __call__(self, scope: Any, _: Any, send: Any) -> None:
        self.began.append(scope["path"])
        self.has_begun.set()
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            await self.ended.put(f"{scope['path']} given up")
            raise
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        await self.ended.put(f"{scope['path']} done")


@asynccontextmanager
async def _connected(app: App) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", http=Protocol, lifespan="off"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.servers[0].sockets[0].getsockname()[1])
    try:
        yield reader, writer
    finally:
        writer.close()
        app.may_answer.set()
        server.should_exit = True
        await serving


@pytest.mark.parametrize(("method", "end"), [("GET", "given up"), ("HEAD", "given up"), ("POST", "done")])
async def test_a_read_is_given_up_and_a_write_goes_on(method: str, end: str, caplog: pytest.LogCaptureFixture) -> None:
    app = App()
    async with _connected(app) as (_, writer):
        writer.write(REQUEST.format(method, "one").encode())
        await app.has_begun.wait()
        writer.close()
        if end == "done":
            await writer.wait_closed()
            app.may_answer.set()
        assert await app.ended.get() == f"/one {end}"
    assert not caplog.records


async def test_requests_that_came_at_once_are_not_begun_any_more(caplog: pytest.LogCaptureFixture) -> None:
    app = App()
    async with _connected(app) as (_, writer):
        writer.write("".join(REQUEST.format("POST", number) for number in range(5)).encode())
        await app.has_begun.wait()
        writer.transport.abort()
        await writer.wait_closed()
        app.may_answer.set()
        assert await app.ended.get() == "/0 done"
    # While requests wait, uvicorn reads nothing, and hears of the end no sooner than one later.
    assert len(app.began) <= 2
    assert not caplog.records


async def test_requests_that_came_at_once_are_answered_one_after_the_other() -> None:
    app = App()
    async with _connected(app) as (reader, writer):
        writer.write("".join(REQUEST.format("GET", number) for number in range(5)).encode())
        app.may_answer.set()
        for number in range(5):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
            assert app.began[number] == f"/{number}"
