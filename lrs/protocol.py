"""How the server reads HTTP: uvicorn's way, with a limit on what comes before the body, and an ear for who hangs up."""

import asyncio
import json
from functools import partial
from typing import Any, Final

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

LARGEST_HEAD: Final = 1 << 20
"""Bytes of the request line and headers together, about: it is counted in the pieces that arrive."""


_READS: Final = {"GET", "HEAD"}


class Protocol(HttpToolsProtocol):
    """Hangs up on a request whose headers don't end: they would be kept in memory before anybody is asked who it is.

    And stops reading for somebody who has hung up. A write goes on: whoever sent it may have heard of nothing, but it
    is not taken back either.
    """

    _head: int = 0
    _answering: tuple[RequestResponseCycle, asyncio.Task[Any]] | None = None

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._head = 1
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop counting: what follows is the body, which has a limit of its own."""
        self._head = 0
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give up what nobody waits for any longer: requests that have not begun, and reads."""
        super().connection_lost(exc)
        self.pipeline.clear()
        if self._answering is None:
            return
        cycle, task = self._answering
        if cycle.response_complete:
            return
        # Of several requests that came at once, uvicorn tells but the last.
        cycle.disconnected = True
        cycle.message_event.set()
        if cycle.scope["method"] in _READS:
            task.cancel()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        super()._start_asgi_task(cycle, partial(self._answer, cycle, app))

    async def _answer(self, cycle: RequestResponseCycle, app: ASGI3Application, *connection: Any) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - uvicorn makes one
        self._answering = cycle, task
        try:
            await app(*connection)
        except asyncio.CancelledError:
            if not cycle.disconnected:
                raise
        finally:
            # The next may have begun: it does when this one's answer is out.
            if self._answering[0] is cycle:
                self._answering = None

    def send_400_response(self, msg: str) -> None:
        """Refuse what isn't HTTP as everything else is refused: by problem details."""
        body = json.dumps({"type": "about:blank", "title": "Bad Request", "status": 400, "detail": msg}).encode()
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Count what arrives while a request's headers are open."""
        if self._head:
            self._head += len(data)
            if self._head > LARGEST_HEAD:
                self.transport.write(b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n")
                self.transport.close()
                return
        super().data_received(data)
