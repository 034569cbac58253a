"""How the server reads HTTP: uvicorn's way, with a limit on what comes before the body."""

import json
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD: Final = 1 << 20
"""Bytes of the request line and headers together, about: it is counted in the pieces that arrive."""


class Protocol(HttpToolsProtocol):
    """Hangs up on a request whose headers don't end: they would be kept in memory before anybody is asked who it is."""

    _head: int = 0

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._head = 1
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop counting: what follows is the body, which has a limit of its own."""
        self._head = 0
        super().on_headers_complete()

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
