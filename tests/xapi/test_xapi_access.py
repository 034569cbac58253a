"""Who may do what, and what browsers may read."""

from base64 import b64encode
from collections.abc import Iterator
from itertools import product

import httpx
import pytest
from msgspec.structs import replace

from lrs.credential import Registry
from lrs.settings import Settings
from lrs.xapi.cors import Origins
from tests.xapi.served import Served, serve, statement

VERSION = {"X-Experience-API-Version": "1.0.3"}


def basic(text: str) -> str:
    return "Basic " + b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "header",
    [None, "", "Basic", "Basic !", "Basic:bm86b25l", "Bearer x", basic("no:one"), basic("colonless"), basic(":")],
)
def test_who_has_no_credential_is_asked_for_one(server: Served, header: str | None) -> None:
    headers = VERSION | ({} if header is None else {"Authorization": header})
    answer = httpx.get(f"{server.url}/xapi/statements", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert answer.json()["status"] == 401


def test_the_secret_matters(server: Served) -> None:
    key, secret = server.key("all")
    for wrong in (secret[:-1], secret + "x", ""):
        answer = httpx.get(f"{server.url}/xapi/statements", headers=VERSION, auth=(key, wrong))
        assert answer.status_code == 401
    assert httpx.get(f"{server.url}/xapi/statements", headers=VERSION, auth=(key, secret)).status_code == 200


def test_the_scheme_is_read_in_any_case(server: Served) -> None:
    header = basic(":".join(server.key("all"))).replace("Basic", "bAsIc")
    assert httpx.get(f"{server.url}/xapi/statements", headers=VERSION | {"Authorization": header}).status_code == 200


MAY = {
    "statements/write": {"write"},
    "statements/read/mine": {"read", "activities"},
    "statements/read": {"read", "activities", "agents"},
    "state": {"activities"},
    "define": {"activities"},
    "profile": {"activities", "agents"},
    "all/read": {"read", "activities", "agents"},
    "all": {"write", "read", "activities", "agents"},
}
REQUESTS = {
    "write": ("POST", "/statements"),
    "read": ("GET", "/statements?limit=1"),
    "activities": ("GET", "/activities?activityId=http://example.com/a"),
    "agents": ("GET", '/agents?agent={"mbox":"mailto:a@example.com"}'),
}


@pytest.mark.parametrize(("scope", "action"), list(product(MAY, REQUESTS)))
def test_each_scope_opens_what_it_should(server: Served, scope: str, action: str) -> None:
    method, path = REQUESTS[action]
    with server.client(scope) as client:
        answer = client.request(method, path, json=statement() if method == "POST" else None)
        assert answer.status_code == (200 if action in MAY[scope] else 403)


def test_a_preflight_needs_neither_version_nor_credential(server: Served) -> None:
    headers = {
        "Origin": "https://content.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,content-type,x-experience-api-version",
    }
    for path in ("/statements", "/statements/", "/activities/state", "/about"):
        answer = httpx.options(f"{server.url}/xapi{path}", headers=headers)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["X-Experience-API-Version"] == "1.0.3"
        assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
        assert answer.headers["Access-Control-Allow-Headers"] == headers["Access-Control-Request-Headers"]


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/xapi/about", {"GET", "HEAD"}),
        ("/xapi/activities", {"GET", "HEAD"}),
        ("/xapi/agents/", {"GET", "HEAD"}),
        ("/xapi/statements", {"GET", "HEAD", "POST", "PUT"}),
        ("/xapi//activities/state", {"GET", "HEAD", "POST", "PUT", "DELETE"}),
        ("/admin/v1/stores", {"GET", "HEAD", "POST"}),
        ("/admin/v1/organisation", {"GET", "HEAD", "PUT", "PATCH"}),
        ("/admin/v1/credentials/x/revoke", {"POST"}),
        ("/privacy/v1/retention", {"GET", "HEAD", "PUT"}),
        ("/privacy/v1/erasures", {"GET", "HEAD", "POST"}),
        ("/privacy/v1/erasures/00000000-0000-4000-8000-000000000000", {"GET", "HEAD"}),
        ("/sign-out", {"POST"}),
    ],
)
def test_the_methods_of_a_resource_are_told(server: Served, path: str, methods: set[str]) -> None:
    answer = httpx.options(server.url + path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer.headers["Allow"].split(", ")) == methods | {"OPTIONS"}
    # xAPI requests are asked for their version and credential before their method counts.
    if not path.startswith("/xapi") or path.endswith("/about"):
        assert httpx.request("PROPFIND", server.url + path).headers["Allow"] == answer.headers["Allow"]


def test_what_isnt_there_has_no_methods(server: Served) -> None:
    assert httpx.options(f"{server.url}/nowhere").status_code == 404
    nowhere = httpx.options(f"{server.url}/xapi/nowhere")
    assert (nowhere.status_code, "Allow" in nowhere.headers) == (204, False)


def test_a_page_may_read_answers_and_errors_alike(server: Served, xapi: httpx.Client) -> None:
    origin = {"Origin": "https://content.example"}
    answers = [
        xapi.get("/statements", headers=origin),
        xapi.get("/statements?foo=bar", headers=origin),
        xapi.get("/nowhere", headers=origin),
        httpx.get(f"{server.url}/xapi/statements", headers=origin),
        httpx.get(f"{server.url}/xapi/about", headers=origin),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 404, 400, 200]
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        exposed = answer.headers["Access-Control-Expose-Headers"]
        for name in ("ETag", "Last-Modified", "X-Experience-API-Version", "X-Experience-API-Consistent-Through"):
            assert name in exposed


def test_the_origin_of_every_sandbox_gets_no_credentials() -> None:
    headers = dict(Origins(["null", "https://content.example"]).headers(b"null"))
    assert headers[b"access-control-allow-origin"] == b"null"
    assert b"access-control-allow-credentials" not in headers


@pytest.fixture(scope="module")
def choosy(settings: Settings, registry: Registry) -> Iterator[Served]:
    for port in serve(replace(settings, cors_origins=("https://content.example",))):
        yield Served(port, registry)


def test_origins_may_be_few(choosy: Served) -> None:
    known = httpx.get(f"{choosy.url}/xapi/about", headers={"Origin": "https://content.example"})
    assert known.headers["Access-Control-Allow-Origin"] == "https://content.example"
    assert known.headers["Access-Control-Allow-Credentials"] == "true"
    assert known.headers["Vary"] == "Origin"
    unknown = httpx.get(f"{choosy.url}/xapi/about", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in unknown.headers
    assert "Access-Control-Allow-Credentials" not in unknown.headers
