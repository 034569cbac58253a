"""What is read of a connection, and what is refused in which turn."""

import asyncio
import json
from typing import Any

import pytest

from lrs.protocol import LARGEST_HEAD, LARGEST_TARGET, MOST_WAITING
from tests.xapi.connected import REQUEST, App, Connection, Reader, connected

OFFER = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
CHUNKED = b"POST /one HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


async def _answer(connection: Connection) -> tuple[int, dict[str, str], Any]:
    head = (await connection.reader.readuntil(b"\r\n\r\n")).decode()
    status, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await connection.reader.readexactly(int(headers.get("content-length", 0)))
    return int(status.split()[1]), headers, json.loads(body) if body else None


async def _refused(bad: bytes, caplog: pytest.LogCaptureFixture, *, begun: bytes = b"") -> int:
    """Send what is refused, and give the status after a look at the rest of the answer."""
    app = Reader()
    async with connected(app) as connection:
        if begun:
            connection.writer.write(begun)
            await app.has_begun.wait()
        connection.writer.write(bad)
        status, headers, problem = await _answer(connection)
        assert headers["content-type"] == "application/problem+json"
        assert headers["connection"] == "close"
        assert headers["date"]
        assert problem["status"] == status
        assert problem["detail"]
        assert await connection.reader.read() == b""
    assert not caplog.records
    return status


async def test_requests_that_came_at_once_are_answered_one_after_the_other() -> None:
    app = App()
    async with connected(app) as connection:
        connection.writer.write("".join(REQUEST.format("GET", number) for number in range(5)).encode())
        app.may_answer.set()
        for number in range(5):
            assert (await _answer(connection))[0] == 204
            assert app.began[number] == f"/{number}"


async def test_nothing_is_read_while_requests_wait() -> None:
    waiting = []

    class Counting(App):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            waiting.append(len(connection.protocol.pipeline))
            await super().__call__(scope, receive, send)

    app = Counting()
    requests = REQUEST.format("GET", "x").encode() * 600
    async with connected(app) as connection:
        connection.writer.write(requests)
        await app.has_begun.wait()
        connection.writer.write(requests)
        app.may_answer.set()
        for _ in range(1200):
            assert (await _answer(connection))[0] == 204
    # Nothing was read before the last of the first had begun.
    assert max(waiting) <= 600


async def test_a_body_is_read_once_its_request_has_begun() -> None:
    app = Reader()
    async with connected(app) as connection:
        body = b"x" * 1_000_000
        head = b"POST /one HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
        connection.writer.write((head + body) * 3)
        for _ in range(3):
            assert len((await _answer(connection))[2]["body"]) == len(body)


async def test_so_many_requests_may_wait(caplog: pytest.LogCaptureFixture) -> None:
    app = App()
    async with connected(app) as connection:
        connection.writer.write(b"GET / HTTP/1.1\r\nHost:\r\n\r\n" * (MOST_WAITING + 500))
        await app.has_begun.wait()
        app.may_answer.set()
        assert await connection.statuses() == [204] * (MOST_WAITING + 1) + [429]
    assert not caplog.records


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        (b"BAD\r\n\r\n", 400),
        (b"GET /x HTTP/1.1\r\n\r\n", 400),
        ((b"GET /x HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * LARGEST_HEAD)[: LARGEST_HEAD + 1], 431),
        (b"GET /" + b"x" * LARGEST_TARGET, 414),
        (CHUNKED + b"no number\r\n", 400),
    ],
)
@pytest.mark.parametrize("before", [1, 3])
async def test_what_is_refused_takes_no_others_answer(
    bad: bytes, status: int, before: int, caplog: pytest.LogCaptureFixture
) -> None:
    app = App()
    async with connected(app) as connection:
        connection.writer.write(REQUEST.format("POST", "good").encode() * before)
        await app.has_begun.wait()
        connection.writer.write(bad)
        while not connection.protocol.flow.read_paused:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
        app.may_answer.set()
        assert [(await _answer(connection))[0] for _ in range(before + 1)] == [204] * before + [status]
    assert not caplog.records


async def test_a_refusal_is_heard_by_who_is_still_sending(caplog: pytest.LogCaptureFixture) -> None:
    async with connected(App()) as connection:
        connection.writer.write(b"GET /x HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * (LARGEST_HEAD * 8))
        await connection.writer.drain()
        assert await connection.statuses() == [431]
        connection.writer.write(b"x" * LARGEST_HEAD)
        await connection.writer.drain()
    assert not caplog.records


async def test_what_is_refused_in_one_piece_with_others_waits_for_its_turn(caplog: pytest.LogCaptureFixture) -> None:
    for bad in (b"BAD\r\n\r\n", CHUNKED + b"no number\r\n"):
        app = App()
        app.may_answer.set()
        async with connected(app) as connection:
            connection.writer.write(REQUEST.format("POST", "good").encode() * 3 + bad)
            assert await connection.statuses() == [204, 204, 204, 400]
            assert app.began == ["/good"] * 3
    assert not caplog.records


async def test_a_bad_body_is_refused_at_once(caplog: pytest.LogCaptureFixture) -> None:
    app = App()
    async with connected(app) as connection:
        connection.writer.write(CHUNKED + b"4\r\nhalf\r\n")
        await app.has_begun.wait()
        connection.writer.write(b"no number\r\n")
        assert await connection.statuses() == [400]
        app.may_answer.set()
        assert await app.ended.get() == "/one done"
    assert not caplog.records


async def test_a_bad_body_behind_its_answer_ends_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    app = App()
    app.may_answer.set()
    async with connected(app) as connection:
        connection.writer.write(CHUNKED)
        assert (await _answer(connection))[0] == 204
        connection.writer.write(b"no number\r\n")
        assert await connection.statuses() == []
    assert not caplog.records


@pytest.mark.parametrize("start", [b"0\r\nX: ", b"1;x="])
async def test_trailers_and_chunk_extensions_that_do_not_end_are_refused(
    start: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    endless = start + b"x" * (LARGEST_HEAD + 1 - len(start))
    assert await _refused(endless, caplog, begun=CHUNKED) == 431


async def test_many_trailers_are_refused(caplog: pytest.LogCaptureFixture) -> None:
    assert await _refused(b"0\r\n" + b"X: y\r\n" * (LARGEST_HEAD // 6 + 1), caplog, begun=CHUNKED) == 431


async def test_a_trailer_is_no_header() -> None:
    async with connected(Reader()) as connection:
        trailers = b"Authorization: Basic x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n\r\n"
        for _ in range(2):
            connection.writer.write(CHUNKED + b"3;x=y\r\nabc\r\n0\r\n" + trailers)
            status, _, read = await _answer(connection)
            assert status == 200
            assert read == {"body": "abc", "headers": ["host", "transfer-encoding"]}


async def test_a_large_body_is_no_large_head() -> None:
    async with connected(Reader()) as connection:
        for _ in range(2):
            connection.writer.write(CHUNKED + b"10000\r\n%b\r\n" % (b"x" * 0x10000) * 40 + b"0\r\n\r\n")
            assert len((await _answer(connection))[2]["body"]) == 40 * 0x10000


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n", 400),
        (b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n", 400),
        (b"GET /%b HTTP/1.1\r\nHost: a\r\n" % (b"x" * LARGEST_TARGET), 414),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n", 501),
        (b"no HTTP\r\n", 400),
    ],
)
async def test_bad_heads_are_refused(head: bytes, status: int, caplog: pytest.LogCaptureFixture) -> None:
    assert await _refused(head + b"\r\n", caplog) == status


@pytest.mark.parametrize(
    "content",
    [b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"],
)
@pytest.mark.parametrize("piece", [1, 7, 1000])
async def test_content_is_read_though_another_protocol_was_offered(
    content: bytes, piece: int, caplog: pytest.LogCaptureFixture
) -> None:
    offer = OFFER + content
    async with connected(Reader()) as connection:
        for _ in range(2):
            for start in range(0, len(offer), piece):
                connection.writer.write(offer[start : start + piece])
                await asyncio.sleep(0)
            assert (await _answer(connection))[2]["body"] == "hello"
            connection.writer.write(OFFER + b"Content-Length: 0\r\n\r\n")
            assert (await _answer(connection))[2]["body"] == ""
            connection.writer.write(CHUNKED + b"2\r\nhi\r\n0\r\n\r\n")
            assert (await _answer(connection))[2]["body"] == "hi"
    assert not caplog.records


async def test_what_is_sent_behind_an_offer_with_content_has_to_wait() -> None:
    offer = OFFER + b"Content-Length: 2\r\n\r\nhi"
    async with connected(Reader()) as connection:
        connection.writer.write(offer + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert [(await _answer(connection))[0] for _ in range(2)] == [200, 400]


async def test_another_protocol_is_not_taken_up(caplog: pytest.LogCaptureFixture) -> None:
    async with connected(Reader()) as connection:
        connection.writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" * 3)
        for _ in range(3):
            assert (await _answer(connection))[0] == 200
    assert not caplog.records


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost:\r\n",
        b"GET /%b HTTP/1.1\r\nHost: a\r\n" % (b"x" * (LARGEST_TARGET - 1)),
        b"GET / HTTP/1.0\r\n",
        b"GET / HTTP/1.0\r\nExpect: 100-continue\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n",
    ],
)
async def test_good_heads_are_answered(head: bytes) -> None:
    async with connected(Reader()) as connection:
        connection.writer.write(head + b"\r\n")
        assert (await _answer(connection))[0] == 200
