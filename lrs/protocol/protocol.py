"""One connection: what is kept of it, how long it is waited for, and who hung up."""

import asyncio
import sys
from functools import partial
from typing import Any, Final

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from lrs.problem import MEDIA_TYPE, RETRY_AFTER, Problem
from lrs.protocol.content import Content
from lrs.protocol.reading import Reading

LARGEST_HEAD: Final = 1 << 20
"""Bytes of the request line and headers together, about: it is counted in the pieces that arrive."""

LARGEST_TARGET: Final = (1 << 16) - 1
"""Bytes of a request's target: httptools takes no longer ones apart."""

MOST_WAITING: Final = 1000
"""Requests of one connection that wait for the one before them: what arrives in one piece may hold thousands."""

_READS: Final = {"GET", "HEAD"}
_EXAMINED: Final = {b"expect", b"host", b"transfer-encoding"}
_CONTENT: Final = {b"content-length", b"transfer-encoding"}


class Protocol(HttpToolsProtocol):
    """Keeps no more of a connection than it can answer, waits for nobody without end, and refuses in turn.

    And stops reading for somebody who has hung up. A write goes on: whoever sent it may have heard of nothing, but it
    is not taken back either.
    """

    timeout_read: float = 60.0
    """Seconds of silence after which a request that was begun, or a first one, isn't waited for any longer."""
    slowest: float = 500.0
    """Bytes in a second. Who sends less uses up those seconds too, as with Apache's mod_reqtimeout (MinRate)."""
    timeout_write: float = 60.0
    """Seconds after which an answer of which the client takes nothing is given up; up to twice as many."""
    timeout_linger: float = 2.0
    """Seconds that what still comes in is thrown away behind a refusal: to close on it could take the refusal along."""
    timeout_half_closed: float = 1.0
    """Seconds a read gets once its client sends no more: most who close like that are gone."""
    most_connections: int = sys.maxsize
    """Connections of a process; who comes on top is told so. See `make_room`."""

    refused_with: tuple[tuple[bytes, bytes], ...] = ()
    """Headers of every refusal."""

    flow: Reading
    _timer: asyncio.TimerHandle
    _unsent: int = 0
    """Bytes of answers that the client didn't take when it was looked at last."""
    _unsent_since: float = 0.0
    _unread: int = 0
    """Bytes since the last headers that ended, or the last piece of a body."""
    _hosts: int = 0
    """Headers Host of the request whose head is read."""
    _in_body: bool = False
    """Whether the body of the newest request, `cycle`, is under way."""
    _refusal: bytes = b""
    """What is said after the last answer."""
    _lingering: bool = False
    """Whether that has been said, and what comes in is thrown away."""
    _answering: RequestResponseCycle | None = None
    _reading: asyncio.Task[Any] | None = None
    """The task that answers it, if it is a read and has begun."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self.flow = Reading(transport, self.loop, self.pipeline)
        self._look_again(self.timeout_read)
        if len(self.connections) > self.most_connections:
            detail = f"there are {self.most_connections} connections already, as many as this server may have"
            self._refuse(Problem(503, detail, headers={"Retry-After": str(RETRY_AFTER)}))

    def _look_for_silence(self) -> None:
        """Close the connection if it is the client's turn and nothing came; one timer goes on for all requests.

        Or if it takes nothing of what it was answered: closing would wait for it without end.
        """
        if self._is_stuck():
            self.transport.abort()
            return
        if self.cycle is None or self.cycle.response_complete:
            # Behind an answer uvicorn has a time limit of its own, until something comes.
            awaited = self.timeout_keep_alive_task is None
        else:
            awaited = self._in_body and not self.cycle.waiting_for_100_continue
        left = self.timeout_read
        if awaited and not self.flow.read_paused:
            left -= self.loop.time() - self.flow.waiting_since
        if left <= 0:
            self.transport.close()
            left = self.timeout_write
        self._look_again(left)

    def _look_again(self, later: float) -> None:
        self._timer = self.loop.call_later(min(later, self.timeout_write), self._look_for_silence)

    def _is_stuck(self) -> bool:
        unsent = self.transport.get_write_buffer_size()
        # What is held back, or is the last, only gets less.
        held = self.flow.write_paused or self.transport.is_closing()
        if not held or not unsent or unsent != self._unsent:
            self._unsent, self._unsent_since = unsent, self.loop.time()
        return self.loop.time() - self._unsent_since >= self.timeout_write

    def eof_received(self) -> bool:  # type: ignore[override]
        """Answer a request that is complete even if its client sends no more (RFC 9112, 9.6), then hang up."""
        if self._lingering or self.cycle is None or self.cycle.response_complete or self._in_body:
            return False
        self.cycle.keep_alive = False
        if self.cycle.scope["method"] in _READS:
            self.loop.call_later(self.timeout_half_closed, self.transport.close)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Give up what nobody waits for any longer: requests that have not begun, and reads."""
        super().connection_lost(exc)
        self._timer.cancel()
        self.pipeline.clear()
        if self._answering is None or self._answering.response_complete:
            return
        # Of several requests that came at once, uvicorn tells but the last.
        self._answering.disconnected = True
        self._answering.message_event.set()
        if self._reading is not None:
            self._reading.cancel()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering, self._reading = cycle, None
        if cycle.scope["method"] in _READS:
            app = partial(self._read, cycle, app)
        super()._start_asgi_task(cycle, app)

    async def _read(self, cycle: RequestResponseCycle, app: ASGI3Application, *connection: Any) -> None:
        """Answer a read, unless the client hangs up."""
        if cycle.disconnected:
            return
        self._reading = asyncio.current_task()
        try:
            await app(*connection)
        except asyncio.CancelledError:
            if not cycle.disconnected:
                raise

    def on_response_complete(self) -> None:
        """Go on with the next request; behind the last one, say what is left to say, and hang up."""
        last = not self.pipeline
        super().on_response_complete()
        if not last:
            # The last one that waited may just have begun.
            self.flow.resume_reading()
        elif self._refusal and not self._lingering and not self.transport.is_closing():
            self._send_refusal()

    def data_received(self, data: bytes) -> None:
        """Read on, and count what arrives without a request or its body getting any further.

        That is headers, trailers and chunk extensions (RFC 9112, 7.1): they would be kept in memory, or gone through
        again and again, before anybody is asked who it is.
        """
        if self._lingering:
            return
        if self.timeout_keep_alive_task is not None:
            # A new request.
            self.flow.waiting_since = self.loop.time()
            self._unset_keepalive_if_required()
        self.flow.came(len(data) / self.slowest)
        self._unread += len(data)
        if self._unread > LARGEST_HEAD:
            self._refuse(Problem(431, f"headers or trailers take more than {LARGEST_HEAD} bytes"))
            return
        try:
            while data:
                try:
                    self.parser.feed_data(data)
                    break
                except httptools.HttpParserUpgrade as upgrade:
                    # Another protocol was offered, and isn't spoken here: it goes on in HTTP (RFC 9110, 7.8).
                    data = data[upgrade.args[0] :]
                    if self._in_body:
                        self._read_content()
        except httptools.HttpParserError as error:
            # What is raised while it parses comes out as the cause of an error of its own.
            cause = error.__context__
            self._refuse(cause if isinstance(cause, Problem) else Problem(400, "this can't be read as HTTP"))

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        self.url += url
        if len(self.url) > LARGEST_TARGET:
            raise Problem(414, f"the target takes more than {LARGEST_TARGET} bytes")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; a trailer is none, and not to be taken for one (RFC 9110, 6.5.1)."""
        if self._in_body:
            return
        name = name.lower()
        self.headers.append((name, value))
        if name in _EXAMINED:
            self._examine(name, value.lower())

    def _examine(self, name: bytes, value: bytes) -> None:
        if name == b"host":
            self._hosts += 1
        elif name == b"expect":
            # Who speaks HTTP/1.0 can't be told to go on (RFC 9110, 10.1.1).
            self.expect_100_continue = value == b"100-continue" and self.parser.get_http_version() >= "1.1"
        elif value != b"chunked":
            # RFC 9112, 6.1, as the next
            raise Problem(501, "chunked is the only transfer coding that is understood")
        elif self.parser.get_http_version() < "1.1":
            raise Problem(400, "HTTP/1.0 has no Transfer-Encoding: send a Content-Length")

    def on_headers_complete(self) -> None:
        """Begin with the request, or have it wait for those before it."""
        if self._hosts != 1 and (self._hosts or self.parser.get_http_version() >= "1.1"):
            # RFC 9112, 3.2
            raise Problem(400, f"a request has one header Host, and this one has {self._hosts}")
        if len(self.pipeline) == MOST_WAITING:
            raise Problem(429, f"{MOST_WAITING} requests of this connection wait already: send the others later")
        super().on_headers_complete()
        self._unread = self._hosts = 0
        self._in_body = True

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body, which has a limit of its own."""
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the body."""
        if self.parser.should_upgrade() and not _CONTENT.isdisjoint(dict(self.headers)):
            # httptools takes the body for the other protocol's; it is still to come.
            return
        self._in_body = False
        super().on_message_complete()

    def _read_content(self) -> None:
        """Read the body of a request by a parser of its own, which is told what the head says of it."""
        parser = self.parser = httptools.HttpRequestParser(Content(self))
        framing = b"".join(b"%b: %b\r\n" % header for header in self.headers if header[0] in _CONTENT)
        # A body of no bytes ends here.
        parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n" % framing)

    def _refuse(self, problem: Problem) -> None:
        """Refuse what can't be read in its turn, behind the answers to what came before (RFC 9112, 9.3.2)."""
        self.flow.end()
        body = problem.body()
        headers = [
            *self.server_state.default_headers,
            *self.refused_with,
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
            *((name.lower().encode(), value.encode()) for name, value in problem.headers.items()),
        ]
        head = b"".join(b"%b: %b\r\n" % header for header in headers)
        self._refusal = b"%b%b\r\n%b" % (STATUS_LINE[problem.status], head, body)
        if self._in_body and self.pipeline:
            # It is within the last request that waits, which is refused in its own place.
            self.pipeline.popleft()
        elif self._in_body or self.cycle is None or self.cycle.response_complete:
            self._send_refusal()

    def _send_refusal(self) -> None:
        if not self._in_body or not self.cycle.response_started:
            self.transport.write(self._refusal)
        if self._in_body:
            # Its answer would come behind the refusal.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        # Closed with something unread, the connection would be reset, perhaps before the client has read the refusal
        # (RFC 9112, 9.6).
        self.transport.write_eof()
        self._lingering = True
        self.flow.throw_away()
        self.loop.call_later(self.timeout_linger, self.transport.close)
