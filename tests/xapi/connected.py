"""One connection to the server's protocol, with an app behind it that does as the test says."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, cast

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


class Reader(App):
    """Answers what it has read."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.began.append(scope["path"])
        self.has_begun.set()
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                await self.ended.put(f"{scope['path']} left")
                return
            body, more = body + message["body"], message["more_body"]
        read = {"body": body.decode(), "headers": [name.decode() for name, _ in scope["headers"]]}
        answer = json.dumps(read).encode()
        length = (b"content-length", b"%d" % len(answer))
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": answer, "more_body": False})


class Connection(NamedTuple):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: uvicorn.Server

    @property
    def protocol(self) -> Protocol:
        """The server's end, once it has begun with a request."""
        (protocol,) = self.server.server_state.connections
        return cast("Protocol", protocol)

    async def statuses(self) -> list[int]:
        """Read until the server hangs up, and give the statuses of its answers."""
        return [int(status) for status in re.findall(rb"^HTTP/1.1 (\d+)", await self.reader.read(), re.MULTILINE)]


@asynccontextmanager
async def connected(app: App) -> AsyncIterator[Connection]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", http=Protocol, lifespan="off"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.servers[0].sockets[0].getsockname()[1])
    try:
        yield Connection(reader, writer, server)
    finally:
        writer.close()
        app.may_answer.set()
        server.should_exit = True
        await serving
