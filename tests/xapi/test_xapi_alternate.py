"""The alternate request syntax of 1.0.3."""

import json
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.credential import Registry
from lrs.problem import Problem
from lrs.settings import Settings
from lrs.xapi import gateway
from lrs.xapi.alternate import _HEADERS, interpret
from tests.xapi.served import Served, serve, statement

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_put_in_a_form_is_a_put(xapi: httpx.Client) -> None:
    sent = statement()
    form = {"statementId": sent["id"], "content": json.dumps(sent), "Content-Type": "application/json"}
    assert xapi.post("/statements?method=PUT", data=form).status_code == 204
    assert xapi.get("/statements", params={"statementId": sent["id"]}).json()["object"] == sent["object"]


def test_credentials_and_version_may_be_in_the_form_alone(server: Served, authorization: str) -> None:
    sent = statement(actor={"mbox": "mailto:a@example.com", "name": "Zoë & ünïcödé = +%"})
    form = {
        "Authorization": authorization,
        "X-Experience-API-Version": "1.0.3",
        "Content-Type": "application/json",
        "Content-Length": "99999",
        "content": json.dumps(sent, ensure_ascii=False),
    }
    answer = httpx.post(f"{server.url}/xapi/statements?method=POST", data=form)
    assert answer.json() == [sent["id"]]
    del form["content"], form["Content-Type"], form["Content-Length"]
    found = httpx.post(f"{server.url}/xapi/statements?method=GET", data={**form, "statementId": sent["id"]})
    assert found.json()["actor"] == sent["actor"]


def test_a_get_in_a_form_is_a_query(xapi: httpx.Client) -> None:
    sent = statement()
    xapi.post("/statements", json=sent)
    answer = xapi.post("/statements?method=GET", data={"verb": sent["verb"]["id"], "limit": "1"})
    assert [one["id"] for one in answer.json()["statements"]] == [sent["id"]]
    assert answer.headers["X-Experience-API-Consistent-Through"]
    assert xapi.post("/statements?method=GET").status_code == 200


def test_the_forms_headers_win(xapi: httpx.Client) -> None:
    form = {"content": json.dumps(statement()), "X-Experience-API-Version": "0.8"}
    assert xapi.post("/statements?method=POST", data=form).status_code == 400
    form = {"content": json.dumps(statement()), "Authorization": "Basic bm86b25l"}
    assert xapi.post("/statements?method=POST", data=form).status_code == 401


@pytest.mark.parametrize(
    ("method", "query", "body", "kind"),
    [
        ("PUT", "method=POST", urlencode({"content": "{}"}), FORM),
        ("POST", "method=PUT&statementId=1", urlencode({"content": "{}"}), FORM),
        ("POST", "method=PUT", "", FORM),
        ("POST", "method=PUT", "statementId=6b0f5a0e-6c0e-4f6e-9d0a-3a4b1f5a7c11", FORM),
        ("POST", "method=PUT", json.dumps(statement()), FORM),
        ("POST", "method=PUT", urlencode({"content": "{}"}), {"Content-Type": "application/json"}),
        ("POST", "method=PATCH", urlencode({"content": "{}"}), FORM),
        ("POST", "method=GET", urlencode({"content": "{}"}), FORM),
        ("POST", "method=GET", urlencode({"foo": "bar"}), FORM),
        ("POST", "method=POST&method=PUT", urlencode({"content": "{}"}), FORM),
        ("POST", "method=POST", "content=%FF", FORM),
        ("POST", "method=POST", "content={}&content={}", FORM),
    ],
)
def test_a_form_that_says_too_little_or_too_much_is_refused(
    xapi: httpx.Client, method: str, query: str, body: str, kind: dict[str, str]
) -> None:
    answer = xapi.request(method, f"/statements?{query}", content=body, headers=kind)
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_2_0_has_no_such_thing(xapi: httpx.Client, xapi2: httpx.Client) -> None:
    form = {"content": json.dumps(statement())}
    assert xapi2.post("/statements?method=POST", data=form).status_code == 400
    assert xapi2.post("/statements?method=GET").status_code == 400
    form["X-Experience-API-Version"] = "2.0.0"
    assert xapi.post("/statements?method=POST", data=form).status_code == 400


def test_a_form_without_a_method_is_no_statement(xapi: httpx.Client) -> None:
    assert xapi.post("/statements", data={"content": json.dumps(statement())}).status_code == 400


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=5), st.booleans())
def test_any_form_is_read_as_it_was_meant(fields: dict[str, str], everything: bool) -> None:
    asked = {name: value for name, value in fields.items() if name != "content" and name.lower() not in _HEADERS}
    form = urlencode(asked).encode()
    if everything:
        form = b"&".join(b"=".join(map(escaped, field)) for field in asked.items())
    meant = interpret("POST", b"method=GET", [], form, json=True)
    assert dict(parse_qsl(meant.query.decode(), keep_blank_values=True)) == asked


def escaped(text: str) -> bytes:
    return b"".join(b"%%%02x" % byte for byte in text.encode())


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        (b"content=%4", "'%4' is no byte"),
        (b"%zz=1", "'%zz' is no byte"),
        (b"a=%ff", "not a URL-encoded form in UTF-8"),
        (b"a=1&b", "a field has no = sign: 'b'"),
        (b"a=1&" * 101, "more than 100 fields"),
    ],
)
def test_a_form_that_is_none_says_what_is_wrong(form: bytes, reason: str) -> None:
    with pytest.raises(Problem) as refused:
        interpret("POST", b"method=GET", [], form, json=True)
    assert refused.value.status == 400
    assert reason in refused.value.detail


@pytest.mark.parametrize("kind", [{}, {"Content-Type": "text/plain"}])
def test_old_browsers_can_t_name_the_type_of_a_form(xapi: httpx.Client, kind: dict[str, str]) -> None:
    sent = statement()
    form = urlencode({"content": json.dumps(sent)})
    assert xapi.post("/statements?method=POST", content=form, headers=kind).json() == [sent["id"]]


def test_of_nobody_known_only_small_forms_are_read(
    settings: Settings, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "_LARGEST_FORM", 1000)
    for port in serve(settings):
        url = f"http://127.0.0.1:{port}/xapi/statements?method=GET"
        form = {"verb": "x" * 1000}
        assert httpx.post(url, data=form).status_code == 413
        assert httpx.post(url, data=form, auth=("no", "body")).status_code == 401
        key = Served(port, registry).key("all")
        assert httpx.post(url, data=form, auth=key, headers={"X-Experience-API-Version": "1.0.3"}).status_code == 400
