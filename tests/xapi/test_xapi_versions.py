"""The version header, both ways."""

from collections.abc import Iterator

import httpx
import pytest
from msgspec.structs import replace

from lrs.credential import Registry
from lrs.settings import Settings
from tests.xapi.served import Served, serve, statement

HEADER = "X-Experience-API-Version"


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("1.0", "1.0.3"),
        ("1.0.0", "1.0.3"),
        ("1.0.2", "1.0.3"),
        ("1.0.3", "1.0.3"),
        ("1.0.9", "1.0.3"),
        ("1.0.3-beta", "1.0.3"),
        ("2.0", "2.0.0"),
        ("2.0.0", "2.0.0"),
    ],
)
def test_each_version_is_answered_by_the_latest_of_its_family(xapi: httpx.Client, asked: str, answered: str) -> None:
    for path in ("/statements", "/about", "/activities?activityId=http://example.com/a"):
        answer = xapi.get(path, headers={HEADER: asked})
        assert (answer.status_code, answer.headers[HEADER]) == (200, answered)
    assert xapi.post("/statements", json=statement(), headers={HEADER: asked}).headers[HEADER] == answered


@pytest.mark.parametrize("asked", ["0.9", "0.95", "1.1.0", "1.00", "1.0.", "10.0", "2.0.x", "2.1.0", "3", "BAD", ""])
def test_other_versions_are_refused_except_by_about(xapi: httpx.Client, asked: str) -> None:
    answer = xapi.get("/statements", headers={HEADER: asked})
    assert answer.status_code == 400
    assert "2.0.0" in answer.json()["detail"]
    about = xapi.get("/about", headers={HEADER: asked})
    assert about.status_code == 200
    assert {"1.0.3", "2.0.0"} <= set(about.json()["version"])


@pytest.mark.parametrize(
    "path", ["/statements", "/activities", "/agents", "/activities/state", "/agents/profile", "/nowhere"]
)
def test_a_request_without_a_version_is_refused(server: Served, path: str) -> None:
    with server.client("all", version=None) as client:
        answer = client.get(path)
        assert (answer.status_code, answer.headers[HEADER]) == (400, "1.0.3")


def test_about_is_for_everybody(server: Served) -> None:
    answer = httpx.get(f"{server.url}/xapi/about")
    assert (answer.status_code, answer.headers[HEADER]) == (200, "1.0.3")


@pytest.fixture(scope="module")
def server_of_2(settings: Settings, registry: Registry) -> Iterator[Served]:
    for port in serve(replace(settings, xapi_version="2.0.0")):
        yield Served(port, registry)


def test_the_version_assumed_is_a_setting(server_of_2: Served) -> None:
    with server_of_2.client("all", version=None) as client:
        for path, status in (("/statements", 400), ("/about", 200)):
            answer = client.get(path)
            assert (answer.status_code, answer.headers[HEADER]) == (status, "2.0.0")
        answer = client.get("/statements", headers={HEADER: "1.0.3"})
        assert (answer.status_code, answer.headers[HEADER]) == (200, "1.0.3")


def test_each_request_is_held_to_its_own_version(xapi: httpx.Client, xapi2: httpx.Client) -> None:
    sent = statement(
        context={"contextAgents": [{"objectType": "contextAgent", "agent": {"mbox": "mailto:a@example.com"}}]}
    )
    assert xapi.post("/statements", json=sent).status_code == 400
    assert xapi2.post("/statements", json=sent).status_code == 200
    assert xapi2.get("/statements", params={"statementId": sent["id"]}).json()["version"] == "2.0.0"


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {"Content-Encoding": "br"}),
        ("", {"Content-Encoding": "br, gzip"}),
        ("?method=GET", {}),
        ("?foo=1", {}),
    ],
)
def test_refusals_name_the_version_that_was_asked_for(xapi: httpx.Client, query: str, headers: dict[str, str]) -> None:
    answer = xapi.post(f"/statements{query}", content=b"", headers={HEADER: "2.0", **headers})
    assert (answer.status_code // 100, answer.headers[HEADER]) == (4, "2.0.0")
