"""Sends requests that were made beforehand, over several connections, from a process of its own.

As lean as Python gets, because it shares the machine with what it measures: a bare protocol on uvloop that writes bytes
and counts the bytes of the answer. Each connection sends its next request when the answer to the last one is in.
"""

import asyncio
import math
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle, islice
from typing import NamedTuple, cast

import uvloop

from tests.bench.world import World

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length: "


class Endpoint(NamedTuple):
    """Where requests go, and as whom."""

    port: int
    key: str
    secret: str

    def request(self, method: str, path: str, body: bytes = b"") -> bytes:
        """Give the bytes of a request."""
        basic = b64encode(f"{self.key}:{self.secret}".encode()).decode()
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Authorization: Basic {basic}",
            "X-Experience-API-Version: 1.0.3",
        ]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body


class Job(NamedTuple):
    """What to send. ``make`` is called in the sending process."""

    port: int
    make: Callable[[], Iterable[bytes]]
    connections: int
    seconds: float = math.inf
    """No request begins after this."""
    lazy: bool = False
    """Make requests while sending: for loading, not for measuring."""
    keep: bool = False
    """Give back the bodies of the answers."""


class Outcome(NamedTuple):
    """What came of a job."""

    seconds: float
    latencies: list[float]
    """Of all requests, sorted."""
    processor_seconds: float
    """Spent by the sender itself."""
    bodies: list[bytes]

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds

    def quantile(self, part: float) -> float:
        """Give the latency that this part of the requests kept to."""
        return self.latencies[min(len(self.latencies) - 1, math.ceil(part * len(self.latencies)) - 1)]


def together(outcomes: Iterable[Outcome]) -> Outcome:
    """Take several jobs as one."""
    all_ = list(outcomes)
    return Outcome(
        sum(one.seconds for one in all_),
        sorted(latency for one in all_ for latency in one.latencies),
        sum(one.processor_seconds for one in all_),
        [body for one in all_ for body in one.bodies],
    )


class Failed(Exception):
    """A request was not answered with success."""


def posts(endpoint: Endpoint, path: str, seed: int, count: int) -> Iterator[bytes]:
    """Give requests of one statement each."""
    return (endpoint.request("POST", path, made.body) for made in islice(World(seed), count))


def batch_posts(endpoint: Endpoint, path: str, seed: int, count: int, size: int) -> Iterator[bytes]:
    """Give requests of ``size`` statements each."""
    return (endpoint.request("POST", path, body) for body in islice(World(seed).batches(size), count))


def gets(endpoint: Endpoint, paths: list[str], count: int) -> Iterator[bytes]:
    """Give so many requests for these paths, in turn."""
    return islice(cycle([endpoint.request("GET", path) for path in paths]), count)


def drive(job: Job) -> Outcome:
    """Do a job. Raises Failed."""
    requests = job.make()
    if not job.lazy:
        requests = list(requests)
    return uvloop.run(_drive(job, iter(requests)))


async def _drive(job: Job, requests: Iterator[bytes]) -> Outcome:
    loop = asyncio.get_running_loop()
    state = _State(requests, job.keep)
    connections = []
    for _ in range(job.connections):
        _, connection = await loop.create_connection(lambda: _Connection(state), "127.0.0.1", job.port)
        connections.append(connection)
    state.left = len(connections)
    state.done = loop.create_future()
    began, processor = time.perf_counter(), time.process_time()
    state.deadline = began + job.seconds
    for connection in connections:
        connection.send()
    await state.done
    took, processor = time.perf_counter() - began, time.process_time() - processor
    return Outcome(took, sorted(state.latencies), processor, state.bodies)


class _State:
    def __init__(self, requests: Iterator[bytes], keep: bool) -> None:
        self.requests = requests
        self.keep = keep
        self.bodies: list[bytes] = []
        self.latencies: list[float] = []
        self.deadline = math.inf
        self.left = 0
        self.done: asyncio.Future[None]


class _Connection(asyncio.Protocol):
    def __init__(self, state: _State) -> None:
        self._state = state
        self._transport: asyncio.Transport
        self._head = b""
        self._missing = 0
        self._parts: list[bytes] = []
        self._began = 0.0
        self._asking = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def send(self) -> None:
        state = self._state
        self._began = time.perf_counter()
        request = next(state.requests, None) if self._began < state.deadline else None
        self._asking = request is not None
        if request is None:
            self._transport.close()
            state.left -= 1
            if not state.left and not state.done.done():
                state.done.set_result(None)
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if not self._missing:
            data = self._head + data
            end = data.find(_END_OF_HEAD)
            if end < 0:
                self._head = data
                return
            self._head = b""
            head, data = data[:end], data[end + 4 :]
            if head[9:12] not in {b"200", b"204"}:
                self._fail(Failed(f"{head.decode()}\n\n{data.decode(errors='replace')}"))
                return
            at = head.find(_LENGTH)
            self._missing = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        self._missing -= len(data)
        if self._state.keep:
            self._parts.append(data)
        if not self._missing:
            self._state.latencies.append(time.perf_counter() - self._began)
            if self._state.keep:
                self._state.bodies.append(b"".join(self._parts))
                self._parts.clear()
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        # The transport can't tell: it is closing, too, when it was the server who closed.
        if self._asking or exc:
            self._fail(Failed(f"the connection was closed: {exc or 'by the server'}"))

    def _fail(self, error: Failed) -> None:
        if not self._state.done.done():
            self._state.done.set_exception(error)
