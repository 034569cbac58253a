"""Attachments: multipart/mixed in and out, byte for byte."""

import hashlib
import os
from base64 import urlsafe_b64encode
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from lrs.http.content_type import boundary
from lrs.problem import Problem
from lrs.xapi import multipart, statement_query
from lrs.xapi.run_together import apart
from tests.xapi.served import Served, statement

SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
AWKWARD = [
    b"here is a simple attachment",
    b"",
    b"\r\n",
    b"\n--\r\n--\r\r\n",
    b"--boundar\r\n--bound\r\n\r\n",
    bytes(range(256)) * 40,
    os.urandom(200_000),
]


def attached(*contents: bytes, **properties: Any) -> dict[str, Any]:
    return statement(
        attachments=[
            {
                "usageType": "http://example.com/usage",
                "display": {"en": "a file"},
                "contentType": "application/octet-stream",
                "length": len(content),
                "sha2": hashlib.sha256(content).hexdigest(),
                **properties,
            }
            for content in contents
        ]
    )


def part(content: bytes, **headers: str) -> bytes:
    lines = {
        "Content-Type": "application/octet-stream",
        "Content-Transfer-Encoding": "binary",
        "X-Experience-API-Hash": hashlib.sha256(content).hexdigest(),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return b"".join(f"{name}:{value}\r\n".encode() for name, value in lines.items() if value) + b"\r\n" + content


def first(statements: Any, kind: str = "application/json") -> bytes:
    return f"Content-Type:{kind}\r\n\r\n".encode() + json.encode(statements)


def post(
    xapi: httpx.Client, *parts: bytes, begin: bytes = b"", kind: str = "multipart/mixed; boundary=boundary"
) -> Any:
    body = begin + b"".join(b"--boundary\r\n" + one + b"\r\n" for one in parts) + b"--boundary--"
    return xapi.post("/statements", content=body, headers={"Content-Type": kind})


def received(answer: httpx.Response) -> list[tuple[dict[str, str], bytes]]:
    delimiter = boundary(answer.headers["Content-Type"])
    assert delimiter
    return [(dict(one.headers), one.content) for one in multipart.parse(answer.content, delimiter, most_parts=99)]


@pytest.mark.parametrize("content", AWKWARD)
def test_an_attachment_comes_back_byte_for_byte(xapi: httpx.Client, content: bytes) -> None:
    sent = attached(content)
    assert post(xapi, first(sent), part(content)).json() == [sent["id"]]
    answer = xapi.get("/statements", params={"statementId": sent["id"], "attachments": "true"})
    assert answer.headers["Content-Type"].startswith("multipart/mixed; boundary=")
    (kind, body), (headers, got) = received(answer)
    assert kind["content-type"] == "application/json"
    assert json.decode(body)["id"] == sent["id"]
    assert got == content
    assert headers == {
        "content-type": "application/octet-stream",
        "content-transfer-encoding": "binary",
        "x-experience-api-hash": sent["attachments"][0]["sha2"],
    }


def test_the_answer_is_what_other_parsers_read_too(xapi: httpx.Client) -> None:
    sent = attached(b"one", b"two")
    post(xapi, first(sent), part(b"one"), part(b"two"))
    answer = xapi.get("/statements", params={"statementId": sent["id"], "attachments": "true"})
    assert answer.content.startswith(b"--")
    assert answer.content.endswith(f"\r\n--{boundary(answer.headers['Content-Type'])}--".encode())
    message = message_from_bytes(
        f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n".encode() + answer.content, policy=HTTP
    )
    assert not message.defects
    assert [one.get_payload(decode=True) for one in message.iter_parts()][1:] == [b"one", b"two"]


def test_attachments_true_is_multipart_and_false_is_json_always(xapi: httpx.Client) -> None:
    sent = statement()
    xapi.post("/statements", json=sent)
    for query in ({"statementId": sent["id"]}, {"verb": sent["verb"]["id"]}, {"verb": "http://example.com/none"}):
        answer = xapi.get("/statements", params={**query, "attachments": "true"})
        assert answer.headers["Content-Type"].startswith("multipart/mixed")
        assert len(received(answer)) == 1
        assert xapi.get("/statements", params={**query, "attachments": "false"}).json()


def test_a_content_that_several_statements_share_is_sent_once(xapi: httpx.Client) -> None:
    verb = statement()["verb"]
    sent = [{**attached(b"shared"), "verb": verb} for _ in range(2)]
    assert post(xapi, first(sent), part(b"shared")).status_code == 200
    answer = xapi.get("/statements", params={"verb": verb["id"], "attachments": "true"})
    parts = received(answer)
    assert len(json.decode(parts[0][1])["statements"]) == 2
    assert [content for _, content in parts[1:]] == [b"shared"]


def run_together(xapi: httpx.Client, sent: Any, *parts: bytes, end: bytes = b"\r\n--boundary--") -> httpx.Response:
    """Post parts without a line end between those of attachments, as @xapi/xapi 2 and tincanjs do."""
    body = b"--boundary\r\n" + first(sent) + b"\r\n--boundary\r\n" + b"--boundary\r\n".join(parts) + end
    return xapi.post("/statements", content=body, headers={"Content-Type": "multipart/mixed; boundary=boundary"})


@pytest.mark.parametrize("contents", [[b"one", b"two"], [b"\r\n.", b"--", bytes(range(256))]])
def test_parts_that_were_run_together_are_told_apart_by_their_hashes(xapi: httpx.Client, contents: list[bytes]) -> None:
    sent = attached(*contents)
    assert run_together(xapi, sent, *map(part, contents)).json() == [sent["id"]]
    answer = xapi.get("/statements", params={"statementId": sent["id"], "attachments": "true"})
    assert [content for _, content in received(answer)[1:]] == contents


def test_a_delimiter_in_a_content_stays_there(xapi: httpx.Client) -> None:
    content = b"a--boundary\r\nContent-Type: text/plain\r\n\r\nb"
    sent = attached(content)
    assert post(xapi, first(sent), part(content)).json() == [sent["id"]]
    answer = xapi.get("/statements", params={"statementId": sent["id"], "attachments": "true"})
    assert received(answer)[1][1] == content


@pytest.mark.parametrize(
    ("second", "status", "reason"),
    [
        (b"nothing", 400, "multipart/mixed"),
        (part(b"two", X_Experience_API_Hash="00" * 32), 400, "the part's hash is"),
        (part(b"two", X_Experience_API_Hash="not hexadecimal " * 4), 400, "is not the hexadecimal SHA-2 of the part: "),
        (b"A: b\r\n" * 20 + b"\r\n", 413, "at most"),
    ],
)
def test_parts_that_were_run_together_are_held_to_the_same_rules(
    xapi: httpx.Client, second: bytes, status: int, reason: str
) -> None:
    answer = run_together(xapi, attached(b"one", b"two"), part(b"one"), second)
    assert (answer.status_code, reason in answer.text) == (status, True), answer.text


def test_no_more_parts_than_allowed_are_told_apart() -> None:
    hashed = hashlib.sha256(b"x").hexdigest()
    one = f"--b\r\nX-Experience-API-Hash: {hashed}\r\n\r\nx".encode()
    together = [multipart.Part({"x-experience-api-hash": hashed}, b"x" + 3 * one)]
    assert apart(together, "b", most_parts=4) == 4 * [together[0]._replace(content=b"x")]
    with pytest.raises(Problem, match="at most 3 parts"):
        apart(together, "b", most_parts=3)


def test_a_page_ends_before_its_contents_are_too_many(xapi: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement_query, "_LARGEST_CONTENTS", 260)
    verb = statement()["verb"]
    contents = [os.urandom(100) for _ in range(5)]
    large = os.urandom(300)
    for content in (*contents, large):
        assert post(xapi, first({**attached(content), "verb": verb}), part(content)).status_code == 200
    pages = []
    more = f"/xapi/statements?{urlencode({'verb': verb['id'], 'attachments': 'true', 'ascending': 'true'})}"
    while more:
        result, *parts = received(xapi.get(xapi.base_url.join(more)))
        pages.append([content for _, content in parts])
        more = json.decode(result[1])["more"]
    assert pages == [contents[:2], contents[2:4], contents[4:], [large]]


def test_an_end_that_was_run_together_with_a_part_is_the_end(xapi: httpx.Client) -> None:
    answer = run_together(xapi, attached(b"one"), part(b"one"), end=b"--boundary--\r\n--boundary--")
    assert answer.status_code == 200, answer.text


def test_a_hash_in_upper_case_is_the_same_hash(xapi: httpx.Client) -> None:
    sha2 = hashlib.sha256(b"upper").hexdigest()
    sent = attached(b"upper", sha2=sha2.upper())
    assert post(xapi, first(sent), part(b"upper", X_Experience_API_Hash=sha2)).status_code == 200
    answer = xapi.get("/statements", params={"statementId": sent["id"], "attachments": "true"})
    assert received(answer)[1][1] == b"upper"


@pytest.mark.parametrize("name", ["sha224", "sha384", "sha512"])
def test_other_hashes_of_the_sha2_family_are_known(xapi: httpx.Client, name: str) -> None:
    sha2 = hashlib.new(name, b"content").hexdigest()
    sent = attached(b"content", sha2=sha2)
    assert post(xapi, first(sent), part(b"content", X_Experience_API_Hash=sha2)).status_code == 200


def test_a_substatements_attachment_is_kept_too(xapi: httpx.Client) -> None:
    inner = attached(b"inner")
    del inner["id"]
    sent = statement(object={**inner, "objectType": "SubStatement"})
    assert post(xapi, first(sent), part(b"inner")).status_code == 200
    answer = xapi.get("/statements", params={"statementId": sent["id"], "attachments": "true"})
    assert [content for _, content in received(answer)[1:]] == [b"inner"]


def test_multipart_may_go_without_attachments_or_begin_with_a_line_break(xapi: httpx.Client) -> None:
    assert post(xapi, first(statement())).status_code == 200
    assert post(xapi, first(statement()), begin=b"\r\n").status_code == 200
    assert post(xapi, first(statement()), begin=b"This is a preamble.\r\n").status_code == 200


@pytest.mark.parametrize("begin", [b"", b"\r\n", b"A preamble.\r\n"])
@pytest.mark.parametrize("padding", [b" ", b"\t", b" \t  "])
def test_a_delimiter_may_be_padded(begin: bytes, padding: bytes) -> None:
    content = b" --b \r\nx--b\t\r\n\r\n-- b \r\n"
    between = b"--b" + padding + b"\r\n"
    body = begin + between + b"A: b\r\n\r\n" + content + b"\r\n" + between + b"\r\n\r\n--b--" + padding + b"\r\nend"
    first_part, second = multipart.parse(body, "b", most_parts=2)
    assert first_part == ({"a": "b"}, content)
    assert second == ({}, b"")
    with pytest.raises(Problem, match="at most 1 parts"):
        multipart.parse(body, "b", most_parts=1)


def test_a_boundary_may_be_quoted(xapi: httpx.Client) -> None:
    for kind in (
        'multipart/mixed; boundary="boundary"',
        "Multipart/Mixed;Boundary=boundary; charset=utf-8",
        'multipart/mixed; foo="a;boundary=zzz"; boundary=boundary',
    ):
        assert post(xapi, first(statement()), kind=kind).status_code == 200


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("multipart/mixed; boundary=abc", "abc"),
        ("multipart/mixed; boundary=a=b/c:d?; x=y", "a=b/c:d?"),
        ('multipart/mixed; boundary="abcABC0123\'()+_,-./:=?"', "abcABC0123'()+_,-./:=?"),
        (r'multipart/mixed; boundary="a\"b"', 'a"b'),
        ("multipart/mixed;", None),
        ("multipart/mixed; boundary=", None),
        ('multipart/mixed; boundary=""', None),
        ('multipart/mixed; foo="a;boundary=zzz"; boundary=bnd', "bnd"),
        (r'multipart/mixed; foo="a\";boundary=zzz" ; Boundary = "b;c"', "b;c"),
        ("multipart/mixed; boundary=----=_Part_0_123.456", "----=_Part_0_123.456"),
        ("multipart/mixed; boundary*=utf-8''a; boundary*0=b", None),
        ("multipart/mixed; boundary=first; boundary=second", "first"),
    ],
)
def test_a_boundary_is_read_with_quotes_and_without(header: str, expected: str | None) -> None:
    assert boundary(header) == expected


def test_a_put_takes_attachments_as_well(xapi: httpx.Client) -> None:
    sent = attached(b"put")
    body = b"--b\r\n" + first(sent) + b"\r\n--b\r\n" + part(b"put") + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/mixed; boundary=b"}
    answer = xapi.put("/statements", params={"statementId": sent["id"]}, content=body, headers=headers)
    assert answer.status_code == 204


def test_json_alone_needs_a_file_url(xapi: httpx.Client) -> None:
    refused = xapi.post("/statements", json=[statement(), attached(b"x")])
    assert refused.status_code == 400
    assert refused.json()["path"] == "statements[1].attachments[0]"
    nested = statement()
    nested["object"] = {"objectType": "SubStatement", **attached(b"x")}
    for name in ("id", "timestamp"):
        nested["object"].pop(name, None)
    assert xapi.post("/statements", json=nested).json()["path"] == "statement.object.attachments[0]"
    assert xapi.post("/statements", json=attached(b"x", fileUrl="http://example.com/file")).status_code == 200


@pytest.mark.parametrize(
    "parts",
    [
        (first(attached(b"x")),),
        (first(statement()), part(b"excess")),
        (first(attached(b"x")), part(b"x", X_Experience_API_Hash="")),
        (first(attached(b"x")), part(b"x", X_Experience_API_Hash="0" * 64)),
        (first(attached(b"x")), part(b"x", X_Experience_API_Hash="nonsense")),
        (first(attached(b"x")), part(b"x", Content_Transfer_Encoding="base64")),
        (first(attached(b"x"), "text/plain"), part(b"x")),
        (first(statement()), first(statement())),
        (part(b"x"), first(attached(b"x"))),
        (),
    ],
)
def test_parts_that_dont_fit_are_refused(xapi: httpx.Client, parts: tuple[bytes, ...]) -> None:
    answer = post(xapi, *parts)
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_a_part_s_headers_are_utf_8_and_those_that_decide_come_once(xapi: httpx.Client) -> None:
    sent = attached(b"x")
    for lines, said in (
        (b"X-Foo: \xe9\r\n", "the header 'X-Foo: é' of a part is not UTF-8"),
        (b"X-Experience-API-Hash: 00\r\n", "a part has the header x-experience-api-hash more than once: send it once"),
        (b"content-type: text/plain\r\n", "a part has the header content-type more than once: send it once"),
    ):
        refused = post(xapi, first(sent), lines + part(b"x"))
        assert (refused.status_code, refused.json()["detail"]) == (400, f"multipart/mixed: {said}")
    assert post(xapi, first(sent), "X-Foo: é\r\nX-Foo: è\r\n".encode() + part(b"x")).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--boundary",
        b"--boundary\r\n" + first(statement()),
        b"--boundary\r\n" + first(statement()) + b"\r\n--boundary\r\n",
        b"--other\r\n" + first(statement()) + b"\r\n--other--",
        b"--boundary\n" + first(statement()) + b"\n--boundary--",
        first(statement()) + b"\r\n--boundary--",
    ],
)
def test_what_is_no_multipart_is_refused(xapi: httpx.Client, body: bytes) -> None:
    kind = {"Content-Type": "multipart/mixed; boundary=boundary"}
    assert xapi.post("/statements", content=body, headers=kind).status_code == 400
    assert xapi.post("/statements", content=body, headers={"Content-Type": "multipart/mixed;"}).status_code == 400


def test_attachments_beyond_the_limits_are_refused(xapi: httpx.Client) -> None:
    large = b"x" * 500_001
    refused = post(xapi, first(attached(large)), part(large))
    assert refused.status_code == 413
    assert "parts of 500000 bytes" in refused.json()["detail"]
    many = [bytes([number]) for number in range(6)]
    assert post(xapi, first(attached(*many)), *map(part, many)).status_code == 413


@pytest.fixture(scope="module")
def private_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


def signature(key: RSAPrivateKey, payload: Any, algorithm: str = "RS256") -> bytes:
    encoded = [urlsafe_b64encode(json.encode(one)).rstrip(b"=") for one in ({"alg": algorithm}, payload)]
    signed = b".".join(encoded)
    return signed + b"." + urlsafe_b64encode(key.sign(signed, PKCS1v15(), SHA256())).rstrip(b"=")


def test_a_signed_statement_is_verified(xapi: httpx.Client, private_key: RSAPrivateKey) -> None:
    plain = statement()
    jws = signature(private_key, plain)
    sent = plain | {"attachments": attached(jws, usageType=SIGNATURE)["attachments"]}
    assert post(xapi, first(sent), part(jws), begin=b"\r\n").status_code == 200
    for wrong in (signature(private_key, statement()), signature(private_key, plain, "HS256"), b"nonsense"):
        sent = plain | {"attachments": attached(wrong, usageType=SIGNATURE)["attachments"]}
        answer = post(xapi, first(sent), part(wrong))
        assert answer.status_code == 400
        assert answer.json()["path"] == "statement.attachments[0]"


def test_half_of_a_surrogate_pair_in_a_signature_is_refused(xapi: httpx.Client) -> None:
    head = urlsafe_b64encode(b'{"alg":"RS256","crit":["\\ud83d"]}').rstrip(b"=")
    jws = head + b".e30.AAAA"
    sent = statement() | {"attachments": attached(jws, usageType=SIGNATURE)["attachments"]}
    answer = post(xapi, first(sent), part(jws))
    assert (answer.status_code, answer.json()["path"]) == (400, "statement.attachments[0]")


def test_where_a_wrong_signature_is_is_said_in_a_substatement_too(xapi: httpx.Client) -> None:
    files = [attached(content, usageType=SIGNATURE)["attachments"][0] for content in (b"fine", b"nonsense")]
    files[0]["usageType"] = "http://example.com/usage"
    inner = {name: value for name, value in statement().items() if name != "id"}
    sent = statement(object={"objectType": "SubStatement", **inner, "attachments": files})
    answer = post(xapi, first(sent), part(b"fine"), part(b"nonsense"))
    assert (answer.status_code, answer.json()["path"]) == (400, "statement.object.attachments[1]")


def test_an_attachment_of_another_store_is_not_given(server: Served, xapi: httpx.Client) -> None:
    sent = attached(b"secret of the default store")
    post(xapi, first(sent), part(b"secret of the default store"))
    with server.client("all", store="other") as other:
        other.post("/statements", json=attached(b"secret of the default store", fileUrl="http://example.com/f") | sent)
        answer = other.get("/statements", params={"limit": "10", "attachments": "true"})
        assert len(received(answer)) == 1


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4))
def test_writing_and_parsing_are_inverse(contents: list[bytes]) -> None:
    kind, body = multipart.write(multipart.Part({"Name": str(place)}, one) for place, one in enumerate(contents))
    delimiter = boundary(kind)
    assert delimiter
    parts = multipart.parse(body, delimiter, most_parts=len(contents))
    assert [one.content for one in parts] == contents
    with pytest.raises(Problem) as refused:
        multipart.parse(body, delimiter, most_parts=len(contents) - 1)
    assert refused.value.status == 413


def test_a_content_type_cant_smuggle_headers() -> None:
    _, body = multipart.write([multipart.Part({"Content-Type": "text/plain\r\nX: y"}, b"")])
    assert b"\r\nX:" not in body
