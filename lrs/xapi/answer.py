"""What every answer of the xAPI resources has in common, added while it is sent."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from litestar.types import Send
from litestar.types.asgi_types import HTTPResponseBodyEvent, HTTPResponseStartEvent
from litestar.types.asgi_types import Message as AsgiMessage

from lrs.http.headers import Headers

_WORTH_PACKING: Final = 1024
"""Bytes below which gzip saves less than it costs."""
_WORTH_A_THREAD: Final = 256 * 1024
"""Bytes above which packing would hold up other requests noticeably."""
_LEVEL: Final = 4
_GZIP: Final = 16 + zlib.MAX_WBITS


class Answer:
    """One answer on its way out: common headers added, packed if the client takes gzip, without its body for HEAD."""

    def __init__(
        self,
        send: Send,
        headers: Headers,
        *,
        packed: bool,
        head: bool,
        expecting: bool,
        late: Callable[[int], Awaitable[Headers]] | None,
    ) -> None:
        self._send = send
        self._headers = headers
        self._packed = packed
        self._head = head
        self._expecting = expecting
        self._late = late
        self._held: HTTPResponseStartEvent | None = None

    async def send(self, message: AsgiMessage) -> None:
        """Pass one ASGI message on, changed where needed."""
        if message["type"] == "http.response.start":
            await self._start(message)
        elif message["type"] == "http.response.body":
            await self._body(message)
        else:
            await self._send(message)

    async def _start(self, message: HTTPResponseStartEvent) -> None:
        names = dict(message["headers"])
        headers = [*message["headers"], *self._headers]
        if self._late is not None:
            headers += await self._late(message["status"])
        if self._expecting and message["status"] >= 400:
            # The client may now keep its body to itself, and the server couldn't tell it from the next request.
            headers.append((b"connection", b"close"))
        message["headers"] = headers
        if self._packed and _packable(names):
            headers.append((b"vary", b"Accept-Encoding"))
            self._held = message
        else:
            await self._send(message)

    async def _body(self, message: HTTPResponseBodyEvent) -> None:
        if self._held is not None:
            start, self._held = self._held, None
            if not message["more_body"]:
                message["body"] = body = await _pack(message["body"])
                start["headers"] = [
                    *(header for header in start["headers"] if header[0] != b"content-length"),
                    (b"content-encoding", b"gzip"),
                    (b"content-length", b"%d" % len(body)),
                ]
            await self._send(start)
        if self._head:
            message["body"] = b""
        await self._send(message)


def accepts_gzip(lines: Iterable[bytes]) -> bool:
    """Tell whether an Accept-Encoding header takes gzip; a list may come in several lines (RFC 9110 section 5.3)."""
    header = b",".join(lines).lower()
    if b"gzip" not in header:
        return False
    for item in header.split(b","):
        coding, _, weight = item.partition(b";")
        if coding.strip() in {b"gzip", b"x-gzip"}:
            return weight.strip().rstrip(b"0") not in {b"q=", b"q=0."}
    return False


def _packable(headers: dict[bytes, bytes]) -> bool:
    # A strong ETag names these very bytes, so what has one (documents) goes out as it is.
    return (
        int(headers.get(b"content-length", b"0")) >= _WORTH_PACKING
        and b"etag" not in headers
        and b"content-encoding" not in headers
    )


async def _pack(body: bytes) -> bytes:
    if len(body) > _WORTH_A_THREAD:
        return await asyncio.to_thread(_gzip, body)
    return _gzip(body)


def _gzip(body: bytes) -> bytes:
    return zlib.compress(body, _LEVEL, _GZIP)
