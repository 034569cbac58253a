"""Whoever hangs up isn't read for any longer; whoever says nothing isn't waited for."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from lrs.protocol import Protocol
from tests.xapi.connected import REQUEST, App, Connection, Reader, connected

HALF_A_BODY = b"POST /one HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf"


@pytest.mark.parametrize(("method", "end"), [("GET", "given up"), ("HEAD", "given up"), ("POST", "done")])
async def test_a_read_is_given_up_and_a_write_goes_on(
    method: str, end: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Protocol, "timeout_half_closed", 0.01)
    app = App()
    async with connected(app) as (_, writer, _):
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
    async with connected(app) as (_, writer, _):
        writer.write("".join(REQUEST.format("POST", number) for number in range(5)).encode())
        await app.has_begun.wait()
        writer.transport.abort()
        await writer.wait_closed()
        app.may_answer.set()
        assert await app.ended.get() == "/0 done"
    # While requests wait nothing is read, and the end is heard of when an answer can't be sent.
    assert len(app.began) <= 2
    assert not caplog.records


async def _heard_the_end(connection: Connection) -> None:
    while connection.protocol.cycle.keep_alive:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET", "HEAD"])
async def test_who_only_sends_no_more_gets_the_answer(method: str, caplog: pytest.LogCaptureFixture) -> None:
    app = App()
    async with connected(app) as connection:
        connection.writer.write(REQUEST.format(method, "one").encode())
        await app.has_begun.wait()
        connection.writer.write_eof()
        await _heard_the_end(connection)
        app.may_answer.set()
        assert await connection.statuses() == [204]
    assert not caplog.records


async def test_a_write_has_all_the_time_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Protocol, "timeout_half_closed", 0)
    app = App()
    async with connected(app) as connection:
        connection.writer.write(REQUEST.format("POST", "one").encode())
        await app.has_begun.wait()
        connection.writer.write_eof()
        await _heard_the_end(connection)
        await _asked(connection.protocol, times=3)
        app.may_answer.set()
        assert await connection.statuses() == [204]


async def test_a_read_that_takes_longer_is_given_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Protocol, "timeout_half_closed", 0.01)
    app = App()
    async with connected(app) as connection:
        connection.writer.write(REQUEST.format("GET", "one").encode())
        await app.has_begun.wait()
        connection.writer.write_eof()
        assert await connection.statuses() == []
        assert await app.ended.get() == "/one given up"
    assert not caplog.records


async def test_all_that_came_before_the_end_are_answered(caplog: pytest.LogCaptureFixture) -> None:
    app = App()
    app.may_answer.set()
    async with connected(app) as connection:
        requests = "".join(REQUEST.format(method, "x") for method in ("POST", "GET", "DELETE", "GET", "POST"))
        connection.writer.write(requests.encode() + b"GET /half")
        connection.writer.write_eof()
        assert await connection.statuses() == [204] * 5
    assert not caplog.records


async def test_an_end_in_the_middle_of_a_request_ends_it(caplog: pytest.LogCaptureFixture) -> None:
    app = Reader()
    async with connected(app) as connection:
        connection.writer.write(HALF_A_BODY)
        connection.writer.write_eof()
        assert await app.ended.get() == "/one left"
        assert await connection.statuses() == []
    assert not caplog.records


async def _asked(protocol: Protocol, times: int) -> None:
    """Wait until the protocol has asked itself so many times whether somebody was silent for too long, or for 1 ms."""
    protocol.timeout_read = 0.001
    protocol._timer.cancel()
    protocol._look_again(protocol.timeout_read)
    for _ in range(times):
        timer = protocol._timer
        while protocol._timer is timer:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        (b"", []),
        (b"\r\n\r\n", []),
        (b"GET /one HTTP/1.1\r\nHost: loc", []),
        (HALF_A_BODY, []),
        (REQUEST.format("GET", "one").encode() + HALF_A_BODY, [200]),
    ],
)
async def test_who_says_nothing_is_not_waited_for(
    sent: bytes, statuses: list[int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Protocol, "timeout_read", 0.05)
    app = Reader()
    async with connected(app) as connection:
        connection.writer.write(sent)
        assert await connection.statuses() == statuses
    assert not caplog.records


async def test_behind_an_answer_silence_has_a_limit_of_its_own_until_something_comes() -> None:
    async with connected(Reader()) as connection:
        for _ in range(2):
            connection.writer.write(REQUEST.format("GET", "one").encode())
            assert (await connection.reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
            await _asked(connection.protocol, times=2)
        connection.writer.write(b"\r\n")
        assert await connection.statuses() == []


async def test_nobody_is_hung_up_on_while_others_wait_for_us() -> None:
    app = App()
    async with connected(app) as connection:
        connection.writer.write(REQUEST.format("GET", "one").encode() + HALF_A_BODY)
        await app.has_begun.wait()
        await _asked(connection.protocol, times=3)
        app.may_answer.set()
        assert (await connection.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")


async def test_who_waits_to_be_told_to_go_on_is_not_hung_up_on() -> None:
    app = App()
    async with connected(app) as connection:
        connection.writer.write(b"POST /one HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
        await app.has_begun.wait()
        await _asked(connection.protocol, times=3)
        app.may_answer.set()
        assert (await connection.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")


@pytest.mark.parametrize(
    "sent",
    [b"GET /one HTTP/1.1\r\n", b"POST /one HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"],
    ids=["head", "body"],
)
async def test_who_only_says_a_little_now_and_then_is_not_waited_for(
    sent: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Protocol, "timeout_read", 0.05)
    monkeypatch.setattr(Protocol, "slowest", 1e6)
    async with connected(Reader()) as connection:
        connection.writer.write(sent)
        ended = asyncio.create_task(connection.statuses())
        while not ended.done():
            connection.writer.write(b"x")
            await asyncio.sleep(0.001)
        with suppress(ConnectionError):
            assert await ended == []
    assert not caplog.records


LONG = 16 << 20
"""Bytes: more than the sockets on the way hold."""


class Long(App):
    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x" * LONG, "more_body": False})


async def test_who_takes_nothing_of_an_answer_is_hung_up_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Protocol, "timeout_write", 0.05)
    async with connected(Long()) as connection:
        connection.writer.write(REQUEST.format("GET", "one").encode())
        await connection.reader.readexactly(1)
        while connection.server.server_state.connections:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
        assert len(await connection.reader.read()) < LONG
    assert not caplog.records


async def test_who_takes_an_answer_slowly_gets_it_whole() -> None:
    async with connected(Long()) as connection:
        connection.writer.write(b"GET /one HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        await connection.reader.readexactly(1)
        await _asked(connection.protocol, times=1)
        assert len(await connection.reader.read()) > LONG
