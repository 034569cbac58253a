"""The configuration over HTTP and a real database."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar

from lrs import openapi
from lrs.admin.configuration import configuration_router
from lrs.configuration import Configurations
from lrs.credential import Credentials, Registry
from tests.configuration.conftest import MASTER

Client = httpx.AsyncClient
Login = Callable[..., Client]
_PEOPLE = "email,name,team,manager\nann@example.org,Ann,Sales,\nkim@example.org,Kim,Sales,yes\n"
_CSV = {"Content-Type": "text/csv; charset=utf-8"}
_LARGEST = 100_000


@pytest_asyncio.fixture
async def credentials(url: str) -> AsyncIterator[Credentials]:
    registry = Registry(url, MASTER, "https://lrs.example")
    for store in ("north", "south"):
        registry.register_store(store, "", by="test")
    checker = Credentials(registry)
    yield checker
    checker.close()
    registry.close()


@pytest_asyncio.fixture
async def app(credentials: Credentials, url: str) -> AsyncIterator[Litestar]:
    configurations = Configurations(url, MASTER)
    yield Litestar(
        [configuration_router(credentials, configurations, _LARGEST)],
        openapi_config=openapi.config(),
        logging_config=None,
    )
    await configurations.close()


@pytest_asyncio.fixture
async def login(app: Litestar, credentials: Credentials) -> AsyncIterator[Login]:
    """Give a client with a new credential of these scopes."""
    clients: list[Client] = []

    def log_in(*scopes: str, store: str = "north") -> Client:
        made = credentials.registry.issue(store, scopes or ["organisation"], by="test")
        credentials.forget()
        # Litestar is an ASGI app; httpx's type for one is narrower than ASGI itself.
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        auth = made.credential.key, made.secret.reveal()
        clients.append(Client(transport=transport, base_url="http://lrs/admin/v1", auth=auth))
        return clients[-1]

    yield log_in
    for client in clients:
        await client.aclose()


def problem(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return str(response.json()["detail"])


async def test_an_organisation_s_life(login: Login) -> None:
    client = login()
    dry = await client.put("/organisation?dryRun=true&newTeams=true", content=_PEOPLE, headers=_CSV)
    assert (dry.status_code, dry.json()["applied"], len(dry.json()["differences"])) == (200, False, 5)
    assert (await client.get("/organisation")).json() == {"teams": [], "people": []}
    put = await client.put("/organisation?newTeams=true", content=_PEOPLE, headers=_CSV)
    assert (put.json()["applied"], put.json()["position"]) == (True, 1)
    again = await client.put("/organisation?newTeams=true", content=_PEOPLE, headers=_CSV)
    assert (again.json()["applied"], again.json()["differences"]) == (False, [])

    shown = (await client.get("/organisation")).json()
    assert [team["id"] for team in shown["teams"]] == ["Sales"]
    assert {person["name"] for person in shown["people"]} == {"Ann", "Kim"}
    back = await client.put("/organisation", json=shown)
    assert (back.status_code, back.json()["differences"]) == (200, [])

    change = {"people": [{"identifiers": [{"mbox": "mailto:ann@example.org"}], "locale": "nl"}]}
    patched = await client.patch("/organisation?date=2024-06-01", json=change)
    assert patched.json()["position"] == 2
    ann = (await client.get("/organisation/people/ann@example.org")).json()
    assert (ann["name"], ann["locale"], len(ann["learners"])) == ("Ann", "nl", 1)
    assert (await client.get(f"/organisation/people/{ann['id']}")).json() == ann

    linked = await client.post("/organisation/links", json={"one": ann["id"], "other": "account:https://l.example a"})
    assert linked.json()["position"] == 3
    assert len((await client.get(f"/organisation/people/{ann['id']}")).json()["learners"]) == 2
    unlinked = await client.post("/organisation/unlinks", json={"learner": "account:https://l.example a"})
    assert unlinked.json()["position"] == 4
    teams = await client.patch("/organisation?teams=true", content="team,name\nSales,Verkoop\n", headers=_CSV)
    assert teams.json()["position"] == 5


async def test_nobody_overwrites_what_they_haven_t_seen(login: Login) -> None:
    client = login()
    nobody = await client.get("/organisation")
    await client.put("/organisation?newTeams=true", content=_PEOPLE, headers=_CSV)
    seen = await client.get("/organisation")
    assert (nobody.headers["ETag"], seen.headers["ETag"]) == ('"0"', '"1"')
    stale, fresh = ({"If-Match": one.headers["ETag"]} for one in (nobody, seen))
    two = {"one": "ann@example.org", "other": "account:https://l.example a"}
    for refused in (
        await client.put("/organisation", json=seen.json(), headers=stale),
        await client.put("/organisation?dryRun=true", json=seen.json(), headers=stale),
        await client.patch("/organisation", content=_PEOPLE, headers=_CSV | stale),
        await client.post("/organisation/links", json=two, headers=stale),
        await client.post("/organisation/unlinks", json={"learner": "ann@example.org"}, headers=stale),
    ):
        assert "the organisation is at version 1, not 0" in problem(refused, 409)
    assert "send the ETag" in problem(await client.put("/organisation", json={}, headers={"If-Match": "nope"}), 400)
    assert (await client.get("/organisation")).json() == seen.json()
    assert (await client.post("/organisation/links", json=two, headers=fresh)).json()["applied"]
    problem(await client.put("/organisation", json=seen.json(), headers=fresh), 409)


async def test_bad_rows(login: Login) -> None:
    client = login()
    rows = "email,time_zone\nann@example.org,Mars\nbob@example.org,\n"
    refused = await client.patch("/organisation", content=rows, headers=_CSV)
    assert "1 rows can't be taken, so nothing is applied: body line 2, column time_zone: 'Mars'" in problem(
        refused, 422
    )
    assert len(refused.json()["refusals"]) == 1
    assert (await client.get("/organisation")).json()["people"] == []
    taken = await client.patch("/organisation?applyGoodRows=true", content=rows, headers=_CSV)
    assert (taken.status_code, taken.json()["applied"], len(taken.json()["refusals"])) == (200, True, 1)


async def test_a_policy_s_life(login: Login) -> None:
    client = login()
    shipped = await client.get("/policy")
    assert (shipped.headers["etag"], shipped.json()["time_zone"]) == ('"0"', "Europe/Amsterdam")
    paris = {"time_zone": "Europe/Paris"}
    assert (await client.put("/policy?dryRun=true", json=paris)).json() == {"applied": False, "position": None}
    put = await client.put("/policy?why=moved", json=paris, headers={"If-Match": '"0"'})
    assert put.json() == {"applied": True, "position": 1}
    problem(await client.put("/policy", json={}, headers={"If-Match": '"0"'}), 409)
    problem(await client.put("/policy", json={}, headers={"If-Match": "*"}), 400)
    assert "smallest_group: 0 is not from 1" in problem(await client.put("/policy", json={"smallest_group": 0}), 400)
    now = await client.get("/policy")
    assert (now.headers["etag"], now.json()["time_zone"]) == ('"1"', "Europe/Paris")
    (version,) = (await client.get("/policy/history")).json()["versions"]
    assert (version["version"], version["why"], version["policy"]) == (1, "moved", now.json())


async def test_a_vocabulary_s_life(login: Login) -> None:
    client = login()
    verb = "https://lms.example/verbs/finished"
    meanings = {"meanings": [{"verb": verb, "kind": "completed"}, {"verb": verb, "kind": None, "types": ["Agent"]}]}
    assert (await client.patch("/vocabulary", json=meanings)).json()["applied"]
    shown = (await client.get("/vocabulary")).json()["meanings"]
    assert [one["kind"] for one in shown] == [None, "completed"]
    assert not (await client.patch("/vocabulary", json=meanings)).json()["applied"]
    assert (await client.patch("/vocabulary", json={"removed": [verb]})).json()["position"] == 2
    assert (await client.get("/vocabulary")).json() == {"meanings": []}
    assert "flown" in problem(
        await client.patch("/vocabulary", json={"meanings": [{"verb": verb, "kind": "flown"}]}), 400
    )


_READS = ("/organisation", "/organisation/people/ann@example.org", "/policy", "/policy/history", "/vocabulary")
_WRITES: tuple[tuple[str, str, Any], ...] = (
    ("PUT", "/organisation", {"people": []}),
    ("PATCH", "/organisation", {"people": []}),
    ("POST", "/organisation/links", {"one": "a@b.org", "other": "b@b.org"}),
    ("POST", "/organisation/unlinks", {"learner": "a@b.org"}),
    ("PUT", "/policy", {}),
    ("PATCH", "/vocabulary", {}),
)


async def test_who_may(login: Login) -> None:
    reader, other = login("all/read"), login("admin", "statements/read", "statements/write")
    for path in _READS:
        assert (await reader.get(path)).status_code in {200, 404}
        assert problem(await other.get(path), 403) == "this credential lacks the scope all/read or organisation"
    for method, path, body in _WRITES:
        for client in (reader, other):
            problem(await client.request(method, path, json=body), 403)
    nobody = login()
    nobody.auth = httpx.BasicAuth("nobody", "x")
    for path in _READS:
        problem(await nobody.get(path), 401)


async def test_stores_don_t_see_each_other(login: Login) -> None:
    await login().put("/organisation?newTeams=true", content=_PEOPLE, headers=_CSV)
    assert (await login(store="south").get("/organisation")).json()["people"] == []
    problem(await login(store="south").get("/organisation/people/ann@example.org"), 404)


@pytest.mark.parametrize(
    ("content", "content_type", "status", "reason"),
    [
        ("{", "application/json", 400, "body: "),
        ("email,shoe\n", "text/csv", 400, "'shoe' is no column"),
        ("x", "application/xml", 415, "send application/json or text/csv"),
        ("x" * (_LARGEST + 1), "text/csv", 413, f"larger than {_LARGEST} bytes, the most this server accepts"),
        ('{"people": [' + "[" * 40_000 + "]" * 40_000 + "]}", "application/json", 400, "body is nested too deeply"),
    ],
)
async def test_bodies_that_can_t_be_taken(
    login: Login, content: str, content_type: str, status: int, reason: str
) -> None:
    sent = await login().put("/organisation", content=content, headers={"Content-Type": content_type})
    assert reason in problem(sent, status)


async def test_queries_that_say_nothing(login: Login) -> None:
    assert "date: " in problem(await login().put("/organisation?date=yesterday", content=_PEOPLE, headers=_CSV), 400)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("dry_run=true", "the query parameter 'dry_run' is not known here; known: applyGoodRows, date, dryRun"),
        ("dryrun=true&foo=1", "'dryrun' is not known here: the case matters, it is dryRun"),
        ("dryRun=true&dryRun=false", "the query parameter dryRun is given more than once"),
        ("dryRun=maybe", "dryRun: Expected `bool`"),
        ("date=0001-01-01", "date: 0001-01-01 is not between 1900-01-01 and 2199-12-31"),
        ("date=9999-12-31", "date: 9999-12-31 is not between"),
    ],
)
async def test_queries_that_can_t_be_meant_change_nothing(login: Login, query: str, reason: str) -> None:
    client = login()
    for method in ("PUT", "PATCH"):
        sent = await client.request(method, f"/organisation?newTeams=true&{query}", content=_PEOPLE, headers=_CSV)
        assert reason in problem(sent, 400)
    assert (await client.get("/organisation")).json()["people"] == []


async def test_unknown_query_parameters_are_refused_everywhere(login: Login) -> None:
    client = login("organisation", "all/read")
    for path in _READS:
        assert "'foo' is not known here" in problem(await client.get(f"{path}?foo=1"), 400)
    for method, path, body in _WRITES:
        sent = await client.request(method, f"{path}?dry_run=true", json=body)
        assert "'dry_run' is not known here" in problem(sent, 400)


async def test_policies_that_can_t_be_taken(login: Login) -> None:
    client = login()
    sent = await client.put("/policy", json={}, headers={"If-Match": f'"{"9" * 5_000}"'})
    assert "send the ETag that GET answered with" in problem(sent, 400)
    problem(await client.put("/policy", json={}, headers={"If-Match": '"7"'}), 409)
    nested = '{"holidays": ' + "[" * 40_000 + "]" * 40_000 + "}"
    assert problem(await client.put("/policy", content=nested), 400) == "body is nested too deeply to be a policy"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "the body is empty: send JSON with meanings or removed"),
        ("[]", "the body: Expected `object`"),
        ('{"meanings": ' + "[" * 50_000, "the body is nested too deeply"),
    ],
)
async def test_vocabularies_that_can_t_be_taken(login: Login, content: str, reason: str) -> None:
    sent = await login().patch("/vocabulary", content=content, headers={"Content-Type": "application/json"})
    assert reason in problem(sent, 400)


async def test_it_is_described(app: Litestar) -> None:
    paths = app.openapi_schema.to_schema()["paths"]
    assert set(paths["/admin/v1/organisation"]) == {"get", "put", "patch"}
