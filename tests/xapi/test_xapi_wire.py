"""What real clients do on a connection: chunks, pipelines, compression, waiting for permission."""

import gzip
import json
import logging
from contextlib import suppress
from typing import Any

import httpx
import pytest

from lrs.protocol import LARGEST_HEAD
from tests.xapi.served import Served, Wire, statement


def request(method: str, path: str, authorization: str, body: bytes | None = None, **headers: str) -> bytes:
    lines = [f"{method} /xapi{path} HTTP/1.1", "Host: localhost", f"Authorization: {authorization}"]
    lines.append("X-Experience-API-Version: 1.0.3")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def test_a_chunked_body_is_read_whole(xapi: httpx.Client) -> None:
    sent = statement()
    body = json.dumps(sent).encode()
    chunks = (body[start : start + 7] for start in range(0, len(body), 7))
    answer = xapi.post("/statements", content=chunks, headers={"Content-Type": "application/json"})
    assert answer.request.headers["Transfer-Encoding"] == "chunked"
    assert answer.json() == [sent["id"]]


def test_a_chunked_body_is_refused_once_it_is_too_large(xapi: httpx.Client) -> None:
    chunks = (b" " * 100_000 for _ in range(11))
    answer = xapi.post("/statements", content=chunks, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_many_requests_go_over_one_connection(wire: Wire, authorization: str) -> None:
    for _ in range(3):
        sent = statement()
        wire.send(request("POST", "/statements", authorization, json.dumps(sent).encode()))
        assert json.loads(wire.answer()[2]) == [sent["id"]]
        wire.send(request("GET", "/statements?limit=x", authorization))
        assert wire.answer()[0] == 400


def test_pipelined_requests_are_answered_in_order(wire: Wire, authorization: str) -> None:
    sent = [statement() for _ in range(10)]
    wire.send(b"".join(request("POST", "/statements", authorization, json.dumps(one).encode()) for one in sent))
    assert [json.loads(wire.answer()[2])[0] for _ in sent] == [one["id"] for one in sent]


def test_a_client_that_asks_first_is_told_to_go_on(wire: Wire, authorization: str) -> None:
    sent = statement()
    body = json.dumps(sent).encode()
    wire.send(request("POST", "/statements", authorization, body, Expect="100-continue")[: -len(body)])
    assert wire.answer()[0] == 100
    wire.send(body)
    status, _, answer = wire.answer()
    assert (status, json.loads(answer)) == (200, [sent["id"]])


@pytest.mark.parametrize(("length", "key", "status"), [(10_000_000, None, 413), (10, "Basic bm86b25l", 401)])
def test_a_client_that_asks_first_is_refused_before_it_sends(
    wire: Wire, authorization: str, length: int, key: str | None, status: int
) -> None:
    head = request("POST", "/statements", key or authorization, b" ", Expect="100-continue")[:-1]
    wire.send(head.replace(b"Content-Length: 1\r\n", f"Content-Length: {length}\r\n".encode()))
    answer = wire.answer()
    assert (answer[0], answer[1]["connection"]) == (status, "close")
    assert wire.closed()


def test_a_client_that_hangs_up_in_the_middle_stores_nothing_and_alarms_nobody(
    server: Served, xapi: httpx.Client, authorization: str, caplog: pytest.LogCaptureFixture
) -> None:
    for path in ("/statements", "/statements?method=POST"):
        sent = statement()
        wire = Wire(server.port)
        wire.send(request("POST", path, authorization, json.dumps(sent).encode())[:-5])
        wire.close()
        assert xapi.get("/statements", params={"statementId": sent["id"]}).status_code == 404
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_trailing_slash_makes_no_difference(xapi: httpx.Client) -> None:
    sent = statement()
    assert xapi.post("/statements/", json=sent).json() == [sent["id"]]
    found = xapi.get("/statements/", params={"statementId": sent["id"]})
    assert found.json()["id"] == sent["id"]
    assert found.headers["X-Experience-API-Consistent-Through"]
    assert xapi.get("/about/").status_code == 200
    assert xapi.get("/activities/", params={"activityId": sent["object"]["id"]}).status_code == 200


@pytest.mark.parametrize(
    "path", ["//xapi/statements", "/xapi//statements", "///xapi///statements//", "/xapi/statements//"]
)
def test_more_slashes_are_no_way_around(server: Served, authorization: str, path: str) -> None:
    version = {"X-Experience-API-Version": "1.0.3"}
    assert httpx.get(server.url + path, headers=version).status_code == 401
    answer = httpx.get(server.url + path, headers=version | {"Authorization": authorization})
    assert answer.status_code == 200
    assert answer.headers["X-Experience-API-Consistent-Through"]


def test_head_leaves_the_connection_usable(wire: Wire, authorization: str) -> None:
    wire.send(request("HEAD", "/about", authorization) + request("GET", "/about", authorization))
    head, get = wire.answer(body=False), wire.answer()
    assert (head[0], get[0]) == (200, 200)
    assert head[1]["content-length"] == get[1]["content-length"]


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
def test_a_gzipped_body_is_unpacked(xapi: httpx.Client, coding: str) -> None:
    sent = [statement() for _ in range(20)]
    headers = {"Content-Type": "application/json", "Content-Encoding": coding}
    answer = xapi.post("/statements", content=gzip.compress(json.dumps(sent).encode()), headers=headers)
    assert answer.json() == [one["id"] for one in sent]


def post_packed(xapi: httpx.Client, body: Any, coding: str = "gzip") -> int:
    headers = {"Content-Type": "application/json", "Content-Encoding": coding}
    return xapi.post("/statements", content=body, headers=headers).status_code


def test_gzip_in_several_members_is_unpacked(xapi: httpx.Client) -> None:
    text = json.dumps(statement()).encode()
    assert post_packed(xapi, gzip.compress(text[:50]) + gzip.compress(b"") + gzip.compress(text[50:])) == 200
    assert post_packed(xapi, gzip.compress(text) + b"more") == 400


def test_gzip_that_unpacks_to_too_much_is_refused(xapi: httpx.Client) -> None:
    assert post_packed(xapi, gzip.compress(b" " * 50_000_000)) == 413
    assert post_packed(xapi, gzip.compress(b" " * 1_000_001)) == 413
    assert post_packed(xapi, gzip.compress(b"") * 1001) == 413


def test_damaged_gzip_and_other_codings_are_refused(xapi: httpx.Client) -> None:
    packed = gzip.compress(json.dumps(statement()).encode())
    assert post_packed(xapi, packed[:-10]) == 400
    assert post_packed(xapi, b"nonsense") == 400
    assert post_packed(xapi, packed + b"more") == 400
    assert post_packed(xapi, packed, "br") == 415
    assert post_packed(xapi, json.dumps(statement()).encode(), "identity") == 200


def test_large_answers_are_gzipped_for_who_takes_it(xapi: httpx.Client) -> None:
    verb = statement()["verb"]
    xapi.post("/statements", json=[statement(verb=verb) for _ in range(20)])
    plain = xapi.get("/statements", params={"verb": verb["id"]}, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    for accepted in ("gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.5"):
        packed = xapi.get("/statements", params={"verb": verb["id"]}, headers={"Accept-Encoding": accepted})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.content == plain.content
        assert int(packed.headers["Content-Length"]) < len(plain.content) / 2
    lines = [("Accept-Encoding", "gzip"), ("Accept-Encoding", "br")]
    for in_lines in (lines, lines[::-1]):
        packed = xapi.get("/statements", params={"verb": verb["id"]}, headers=in_lines)
        assert packed.headers["Content-Encoding"] == "gzip"
    for refused in ("gzip;q=0", "gzip;q=0.000", "br"):
        answer = xapi.get("/statements", params={"verb": verb["id"]}, headers={"Accept-Encoding": refused})
        assert "Content-Encoding" not in answer.headers


def test_small_answers_and_those_with_an_etag_are_not_gzipped(xapi: httpx.Client) -> None:
    sent = statement()
    sent["object"]["definition"]["description"] = {"en": "x" * 5000}
    xapi.post("/statements", json=sent)
    gzipped = {"Accept-Encoding": "gzip"}
    assert "Content-Encoding" not in xapi.get("/about", headers=gzipped).headers
    answer = xapi.get("/activities", params={"activityId": sent["object"]["id"]}, headers=gzipped)
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["ETag"]


def test_head_of_a_gzipped_answer_has_no_body(xapi: httpx.Client) -> None:
    verb = statement()["verb"]
    xapi.post("/statements", json=[statement(verb=verb) for _ in range(20)])
    answer = xapi.head("/statements", params={"verb": verb["id"]}, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.content == b""


def test_refusals_quote_the_beginning_of_what_is_long(xapi: httpx.Client) -> None:
    long = "x" * 5_000
    document = {"activityId": "x:a", "profileId": "p"}
    for answer in (
        xapi.get("/statements", params={long: ""}),
        xapi.get("/statements", params={"format": long}),
        xapi.post("/statements", content=b"{}", headers={"Content-Type": long}),
        xapi.post("/statements", content=b"{}", headers={"Content-Encoding": long}),
        xapi.post("/statements", params={"method": long}),
        xapi.post("/activities/profile", params=document, content=b"{}", headers={"Content-Type": f"a/{long}"}),
        xapi.put("/activities/profile", params=document, content=b"{}", headers={"Content-Type": long}),
    ):
        assert answer.status_code in {400, 415}
        detail = answer.json()["detail"].lower()
        assert "x" * 90 in detail
        assert "characters)" in detail
        assert len(detail) < 500


@pytest.mark.parametrize("name", ["Authorization", "X-Experience-API-Version", "Content-Type", "Content-Encoding"])
def test_a_header_that_decides_may_come_once_only(xapi: httpx.Client, authorization: str, name: str) -> None:
    value = {"Authorization": authorization, "X-Experience-API-Version": "1.0.3", "Content-Type": "application/json"}
    twice = [*value.items(), (name, value.get(name, "identity")), (name, "other")]
    answer = httpx.post(f"{xapi.base_url}statements", headers=twice, content=b"{}")
    assert answer.status_code == 400
    assert name.lower() in answer.json()["detail"]


def test_headers_that_do_not_end_are_hung_up_on(server: Served) -> None:
    wire = Wire(server.port)
    wire.send(b"GET /xapi/about HTTP/1.1\r\nHost: x\r\nX-Long: ")
    with suppress(ConnectionError):
        while True:
            wire.send(b"x" * LARGEST_HEAD)
    wire.close()
    assert httpx.get(f"{server.url}/xapi/about").status_code == 200
