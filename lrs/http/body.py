"""What a request carries: read whole, within a limit, unpacked when it comes gzipped (RFC 9110 section 8.4).

Chunked bodies and bodies with a Content-Length arrive here alike; the server has taken the chunks apart.
"""

import zlib
from collections.abc import Iterable
from typing import Final

from litestar.types import Receive
from litestar.types.asgi_types import HTTPRequestEvent

from lrs.errors import shown
from lrs.problem import Gone, Problem

_AS_IT_IS: Final = (b"", b"identity")
_GZIP: Final = 16 + zlib.MAX_WBITS
_MOST_MEMBERS: Final = 1000
"""Members of a gzipped body: each costs a copy of what comes after it, and an empty one has but 20 bytes."""


async def read(receive: Receive) -> bytes:
    """Give the whole body."""
    message = await receive()
    if message["type"] == "http.request" and not message["more_body"]:
        return message["body"]
    chunks = []
    while message["type"] == "http.request":
        chunks.append(message["body"])
        if not message["more_body"]:
            return b"".join(chunks)
        message = await receive()
    raise Gone()


def guarded(receive: Receive, *, declared: bytes | None, encoding: bytes | None, limit: int) -> Receive:
    """Give a ``receive`` that keeps to the limit and unpacks gzip, both before anybody sees the body.

    A length that is declared too large is refused without reading; a body that grows too large, packed or
    unpacked, is refused as soon as it does.
    """
    if declared is not None and declared.isdigit():
        if int(declared) > limit:
            raise too_large(limit)
        if encoding is None:
            return receive
    if encoding is None or encoding.lower() in _AS_IT_IS:
        return _Counted(receive, limit)
    if encoding.lower() in {b"gzip", b"x-gzip"}:
        return _Unpacked(_Counted(receive, limit), limit)
    raise _unsupported(encoding, "gzip")


def refused_encoding(headers: Iterable[tuple[bytes, bytes]]) -> Problem | None:
    """Give the problem of a body that comes packed, where nobody unpacks it: everywhere but in xAPI."""
    for name, encoding in headers:
        if name == b"content-encoding" and encoding.lower() not in _AS_IT_IS:
            return _unsupported(encoding, "identity")
    return None


def _unsupported(encoding: bytes, supported: str) -> Problem:
    wanted = "no encoding" if supported == "identity" else f"{supported}, or no encoding"
    detail = f"Content-Encoding: {shown(encoding.decode('latin-1'))} is not supported here: send {wanted}"
    return Problem(415, detail, headers={"Accept-Encoding": supported})


def too_large(limit: int) -> Problem:
    """Give the problem of a body beyond the limit."""
    return Problem(413, f"the request body is larger than {limit} bytes, the most this server accepts")


def whole(body: bytes) -> Receive:
    """Give a ``receive`` for a body that is already here."""
    rest = [body]

    async def receive() -> HTTPRequestEvent:
        return {"type": "http.request", "body": rest.pop() if rest else b"", "more_body": False}

    return receive


class _Counted:
    """Refuses a body that turns out longer than the limit."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._read = 0

    async def __call__(self) -> HTTPRequestEvent:
        message = await self._receive()
        if message["type"] != "http.request":
            raise Gone()
        self._read += len(message["body"])
        if self._read > self._limit:
            raise too_large(self._limit)
        return message


class _Unpacked:
    """Unpacks gzip as it comes in and refuses what unpacks beyond the limit (a few bytes can hold gigabytes)."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._left = limit
        self._gzip = zlib.decompressobj(_GZIP)
        self._members = 1

    async def __call__(self) -> HTTPRequestEvent:
        message: HTTPRequestEvent = await self._receive()  # type: ignore[assignment]
        packed = message["body"]
        pieces = [self._unpack(packed)]
        # A gzip file may have several members, one after the other (RFC 1952 section 2.2).
        while packed := self._gzip.unused_data:
            self._members += 1
            if self._members > _MOST_MEMBERS:
                raise Problem(413, f"the gzipped body has more than {_MOST_MEMBERS} members: pack it as one")
            self._gzip = zlib.decompressobj(_GZIP)
            pieces.append(self._unpack(packed))
        if not message["more_body"] and not self._gzip.eof:
            raise Problem(400, "the gzipped body ends too early")
        body = b"".join(pieces)
        return {"type": "http.request", "body": body, "more_body": message["more_body"]}

    def _unpack(self, packed: bytes) -> bytes:
        try:
            body = self._gzip.decompress(packed, self._left + 1)
        except zlib.error as error:
            raise Problem(400, f"the body is not gzip, as Content-Encoding says it is: {error}") from None
        if len(body) > self._left:
            raise too_large(self._limit)
        self._left -= len(body)
        return body
