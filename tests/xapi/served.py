"""A server of our own for a run of tests, and what tests send to it."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import uvicorn

from lrs.app import create
from lrs.credential import Handed, Registry
from lrs.protocol import Protocol
from lrs.settings import Settings

MASTER = "00" * 32


class Served(NamedTuple):
    """A server that is up."""

    port: int
    registry: Registry

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def key(self, *scopes: str, store: str = "default") -> tuple[str, str]:
        made: Handed = self.registry.issue(store, scopes, by="test")
        return made.credential.key, made.secret.reveal()

    def client(self, *scopes: str, version: str | None = "1.0.3", store: str = "default") -> httpx.Client:
        headers = {} if version is None else {"X-Experience-API-Version": version}
        return httpx.Client(base_url=f"{self.url}/xapi", auth=self.key(*scopes, store=store), headers=headers)


class _Thread(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        """Leave the signals of the tests alone."""


def serve(settings: Settings) -> Iterator[int]:
    config = uvicorn.Config(create(settings), port=0, log_level="warning", loop="uvloop", http=Protocol)
    server = _Thread(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            threading.Event().wait(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def statement(**properties: Any) -> dict[str, Any]:
    """Give a statement nobody else sends: each has an id, actor, verb and activity of its own."""
    mark = uuid4()
    return {
        "id": str(mark),
        "actor": {"mbox": f"mailto:{mark}@example.com", "name": "Ada"},
        "verb": {"id": f"http://example.com/verbs/{mark}", "display": {"en": "did", "nl": "deed"}},
        "object": {"id": f"http://example.com/activities/{mark}", "definition": {"name": {"en": "It", "nl": "Het"}}},
        **properties,
    }


class Wire:
    """A bare connection, for what no client library would send."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._reader = self._socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def answer(self, *, body: bool = True) -> tuple[int, dict[str, str], bytes]:
        """Read one answer: status, headers with names in lower case, body."""
        status = int(self._reader.readline().split()[1])
        headers = {}
        while line := self._reader.readline().strip():
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0)) if body else 0
        return status, headers, self._reader.read(length)

    def closed(self) -> bool:
        """Tell whether the server has hung up."""
        return self._reader.read(1) == b""

    def close(self) -> None:
        self._reader.close()
        self._socket.close()
