"""Agents, Activities, About, health, and errors."""

import json
import socket
from collections.abc import Iterator
from functools import partial

import httpx
import pytest
from msgspec.structs import replace

from lrs.credential import Registry
from lrs.problem import describe
from lrs.settings import Settings
from tests.xapi.served import Served, serve, statement


def person(xapi: httpx.Client, **agent: object) -> httpx.Response:
    return xapi.get("/agents", params={"agent": json.dumps(agent)})


def test_a_person_has_the_names_an_agent_was_seen_under(xapi: httpx.Client) -> None:
    mbox = statement()["actor"]["mbox"]
    for name in ("Ada", "Countess of Lovelace"):
        xapi.post("/statements", json=statement(actor={"mbox": mbox, "name": name}))
    found = person(xapi, mbox=mbox, objectType="Agent")
    assert found.json() == {"objectType": "Person", "name": ["Countess of Lovelace", "Ada"], "mbox": [mbox]}
    assert found.headers["ETag"]


def test_who_may_not_define_gives_nobody_a_name(xapi: httpx.Client, server: Served) -> None:
    mbox = statement()["actor"]["mbox"]
    with server.client("statements/write") as writer:
        writer.post("/statements", json=statement(actor={"mbox": mbox, "name": "Somebody Else"})).raise_for_status()
    assert "name" not in person(xapi, mbox=mbox).json()


@pytest.mark.parametrize(
    "agent",
    [
        {"mbox_sha1sum": "a" * 40},
        {"openid": "https://example.com/unknown"},
        {"account": {"homePage": "https://example.com", "name": "unknown"}},
    ],
)
def test_an_unknown_agent_is_given_as_it_was_asked_for(xapi: httpx.Client, agent: dict[str, object]) -> None:
    (name, value) = next(iter(agent.items()))
    assert person(xapi, **agent).json() == {"objectType": "Person", name: [value]}
    assert person(xapi, **agent, name="Given").json()["name"] == ["Given"]


@pytest.mark.parametrize(
    "query",
    ["", "agent=", "agent={}", "agent={", 'agent={"mbox":1}', "agents={}", 'agent={"objectType":"Group","member":[]}'],
)
def test_what_is_no_agent_is_refused(xapi: httpx.Client, query: str) -> None:
    assert xapi.get(f"/agents?{query}").status_code == 400


def test_a_group_is_no_agent(xapi: httpx.Client) -> None:
    answer = person(xapi, objectType="Group", mbox="mailto:team@example.com")
    assert answer.status_code == 400
    assert "Group" in answer.json()["detail"]


def test_an_activity_is_put_together_from_all_statements(xapi: httpx.Client) -> None:
    first = statement()
    second = statement(object={"id": first["object"]["id"], "definition": {"name": {"fr": "Ça"}}})
    xapi.post("/statements", json=[first, second])
    found = xapi.get("/activities", params={"activityId": first["object"]["id"]}).json()
    assert found["objectType"] == "Activity"
    assert found["definition"]["name"] == {"en": "It", "nl": "Het", "fr": "Ça"}


def test_an_unknown_activity_is_still_one(xapi: httpx.Client) -> None:
    iri = "http://example.com/never/seen"
    assert xapi.get("/activities", params={"activityId": iri}).json() == {"objectType": "Activity", "id": iri}


def test_what_the_client_has_isnt_sent_again(xapi: httpx.Client) -> None:
    sent = statement()
    about = {"/activities": {"activityId": sent["object"]["id"]}, "/agents": {"agent": json.dumps(sent["actor"])}}
    seen = {path: xapi.get(path, params=params).headers["ETag"] for path, params in about.items()}
    for path, params in about.items():
        for condition, status in ((seen[path], 304), (f'"x", W/{seen[path]}', 304), ("*", 304), ('"x"', 200)):
            answer = xapi.get(path, params=params, headers={"If-None-Match": condition})
            assert (answer.status_code, answer.headers["ETag"]) == (status, seen[path])
            assert bool(answer.content) is (status == 200)
    xapi.post("/statements", json=sent)
    changed = xapi.get("/activities", params=about["/activities"], headers={"If-None-Match": seen["/activities"]})
    assert (changed.status_code, changed.json()["definition"]) == (200, sent["object"]["definition"])


@pytest.mark.parametrize("query", ["", "activityId=", "activityId=true", "activityid=http://example.com/a"])
def test_what_is_no_activity_is_refused(xapi: httpx.Client, query: str) -> None:
    assert xapi.get(f"/activities?{query}").status_code == 400


def test_head_answers_wherever_get_does(xapi: httpx.Client) -> None:
    for path in (
        "/about",
        "/activities?activityId=http://example.com/a",
        '/agents?agent={"mbox":"mailto:a@b.example"}',
    ):
        answer = xapi.head(path)
        assert (answer.status_code, answer.content) == (200, b"")


def test_other_methods_are_refused_with_those_that_work(xapi: httpx.Client) -> None:
    answer = xapi.delete("/statements")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST", "PUT"}
    assert xapi.request("PATCH", "/statements").status_code == 405
    assert xapi.post("/about").status_code == 405


def test_an_unknown_address_is_a_problem(server: Served, xapi: httpx.Client) -> None:
    for answer in (xapi.get("/nowhere"), httpx.get(f"{server.url}/nowhere")):
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json().keys() == {"type", "title", "status", "detail"}


def test_health_is_open_to_everybody(server: Served) -> None:
    assert httpx.get(f"{server.url}/health/live").json() == {"status": "live"}
    assert httpx.get(f"{server.url}/health/ready").json() == {"status": "ready"}


def test_the_profile_of_our_own_verbs_is_open_to_everybody(server: Served) -> None:
    answer = httpx.get(f"{server.url}/profile")
    assert answer.headers["Content-Type"].startswith("application/ld+json")
    assert {"applied", "checked-in"} <= {one["id"].rsplit("/", 1)[-1] for one in answer.json()["concepts"]}


def test_head_is_get_without_a_body_beside_xapi_too(server: Served) -> None:
    answer = httpx.head(f"{server.url}/health/ready")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(b'{"status":"ready"}'))


def test_what_is_not_http_is_refused_as_a_problem(server: Served) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"HELO there\r\n\r\n")
        answer = b"".join(iter(partial(connection.recv, 4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
    assert json.loads(answer.split(b"\r\n\r\n")[1])["status"] == 400


@pytest.fixture(scope="module")
def without_database(settings: Settings, registry: Registry) -> Iterator[Served]:
    away = replace(settings, database_url="postgresql://nobody@127.0.0.1:1/nothing")
    for port in serve(away):
        yield Served(port, registry)


def test_without_a_database_clients_are_asked_to_come_back(without_database: Served) -> None:
    with without_database.client("all") as client:
        for answer in (
            client.get("/statements"),
            client.post("/statements", json=statement()),
            httpx.get(f"{without_database.url}/health/ready"),
        ):
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.headers["Content-Type"] == "application/problem+json"
        assert client.get("/about").status_code == 200
        assert httpx.get(f"{without_database.url}/health/live").status_code == 200


def test_a_database_that_came_back_without_our_tables_is_told(
    settings: Settings, registry: Registry, database_url: str
) -> None:
    for port in serve(replace(settings, database_url=database_url)):
        answer = httpx.get(f"{Served(port, registry).url}/health/ready")
        assert answer.status_code == 503
        assert "run `lrs migrate` first" in answer.json()["detail"]


def test_what_nobody_expected_says_nothing_of_the_inside(caplog: pytest.LogCaptureFixture) -> None:
    problem = describe(RuntimeError("secret"))
    body = problem.response().content
    assert problem.status == 500
    assert b"secret" not in body
    reference = json.loads(body)["instance"]
    assert reference in caplog.text
    assert "secret" in caplog.text
