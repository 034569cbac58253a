"""The admin API, over HTTP and a real database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
from litestar import Litestar

from lrs import openapi
from lrs.admin import admin_router
from lrs.credential import Credentials, Registry
from lrs.seal import MasterKey
from lrs.store import create_store
from tests.databases import NewDatabase

Client = httpx.AsyncClient
Login = Callable[..., Client]


@pytest.fixture
def url(new_database: NewDatabase) -> str:
    return new_database()


@pytest_asyncio.fixture
async def credentials(url: str) -> AsyncIterator[Credentials]:
    registry = Registry(url, MasterKey(bytes(32)), "https://lrs.example")
    for store in ("north", "south"):
        registry.register_store(store, "", by="test")
    checker = Credentials(registry)
    yield checker
    checker.close()
    registry.close()


@pytest.fixture
def app(credentials: Credentials, url: str) -> Litestar:
    return Litestar([admin_router(credentials, partial(create_store, url))], openapi_config=openapi.config())


@pytest_asyncio.fixture
async def login(app: Litestar, credentials: Credentials) -> AsyncIterator[Login]:
    """Give a client with a new credential of these scopes."""
    clients: list[Client] = []

    def log_in(*scopes: str, store: str = "north", pair: tuple[str, str] | None = None) -> Client:
        if pair is None:
            made = credentials.registry.issue(store, scopes or ["admin"], by="test")
            credentials.forget()
            pair = made.credential.key, made.secret.reveal()
        # Litestar is an ASGI app; httpx's type for one is narrower than ASGI itself.
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        clients.append(Client(transport=transport, base_url="http://lrs/admin/v1", auth=pair))
        return clients[-1]

    yield log_in
    for client in clients:
        await client.aclose()


def problem(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status
    return str(body["detail"])


async def test_a_credential_s_life(login: Login) -> None:
    admin = login()
    created = await admin.post("/credentials", json={"scopes": ["statements/write"], "label": "Player"})
    assert created.status_code == 201
    assert created.headers["cache-control"] == "no-store"
    made, secret = created.json()["credential"], created.json()["secret"]
    assert created.headers["location"] == f"/admin/v1/credentials/{made['key']}"
    assert (made["store"], made["scopes"], made["status"]) == ("north", ["statements/write"], "active")
    assert made["lastEvent"]["name"] == "Issued"

    listed = (await admin.get("/credentials")).json()["credentials"]
    assert made in listed
    assert secret not in str(listed)
    assert (await admin.get(f"/credentials/{made['key']}")).json() == made
    assert (
        problem(await login(pair=(made["key"], secret)).get("/credentials"), 403)
        == "this credential lacks the scope admin"
    )

    rotated = await admin.post(f"/credentials/{made['key']}/rotate", json={"graceSeconds": 3600})
    assert rotated.status_code == 200
    assert rotated.headers["cache-control"] == "no-store"
    assert rotated.json()["credential"]["previousUntil"]
    assert problem(await login(pair=(made["key"], secret)).get("/credentials"), 403)
    again = await admin.post(f"/credentials/{made['key']}/rotate")
    assert again.json()["credential"]["previousUntil"] is None
    assert problem(await login(pair=(made["key"], secret)).get("/credentials"), 401)

    revoked = await admin.post(f"/credentials/{made['key']}/revoke")
    assert (revoked.status_code, revoked.json()["status"]) == (200, "revoked")
    assert problem(await login(pair=(made["key"], again.json()["secret"])).get("/credentials"), 401)
    assert "was revoked" in problem(await admin.post(f"/credentials/{made['key']}/revoke"), 409)


async def test_with_authority_and_expiry(login: Login) -> None:
    authority = {"objectType": "Agent", "account": {"homePage": "https://lms.example", "name": "lms"}}
    expires = (datetime.now(UTC) + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    wish = {"scopes": ["all"], "authority": authority, "expires": expires}
    made = (await login().post("/credentials", json=wish)).json()["credential"]
    assert (made["authority"], made["expires"]) == (authority, expires)


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({}, "scopes"),
        ({"scopes": []}, "at least one scope"),
        ({"scopes": ["everything"]}, "'everything' is not a scope"),
        ({"scopes": ["all"], "label": 1}, "label: Expected `str`, got `int`"),
        ({"scopes": ["all"], "key": "x"}, "unknown field `key`"),
        ({"scopes": ["all"], "expires": "2001-01-01T00:00:00Z"}, "in the past"),
        ({"scopes": ["all"], "expires": "2931-01-01T00:00:00"}, "needs a time zone"),
        ({"scopes": ["all"], "authority": {"mbox": "me"}}, "authority.mbox"),
    ],
)
async def test_a_bad_wish_says_what_is_wrong(login: Login, wish: dict[str, Any], reason: str) -> None:
    assert reason in problem(await login().post("/credentials", json=wish), 400)


@pytest.mark.parametrize("grace", [-1, 10**9, 10**30])
async def test_a_grace_beyond_a_year_is_refused(login: Login, grace: int) -> None:
    assert "graceSeconds" in problem(await login().post("/credentials/x/rotate", json={"graceSeconds": grace}), 400)


async def test_without_a_credential(login: Login) -> None:
    stranger = login(pair=("nobody", "x"))
    for method, path in (("GET", "/credentials"), ("GET", "/stores"), ("POST", "/credentials/x/revoke")):
        response = await stranger.request(method, path)
        assert problem(response, 401)
        assert response.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize("scopes", [["all"], ["all/read", "statements/write"], ["admin/stores"]])
async def test_other_scopes_manage_no_credentials(login: Login, scopes: list[str]) -> None:
    client = login(*scopes)
    assert problem(await client.get("/credentials"), 403)
    assert problem(await client.post("/credentials", json={"scopes": ["all"]}), 403)
    assert problem(await client.post("/credentials/x/rotate"), 403)


async def test_nothing_crosses_stores(login: Login, credentials: Credentials) -> None:
    other = credentials.registry.issue("south", ["all"], by="test").credential
    north = login(store="north")
    assert all(one["store"] == "north" for one in (await north.get("/credentials")).json()["credentials"])
    for method, path in (("GET", ""), ("POST", "/rotate"), ("POST", "/revoke")):
        theirs = problem(await north.request(method, f"/credentials/{other.key}{path}"), 404)
        nobodys = problem(await north.request(method, f"/credentials/nobody{path}"), 404)
        assert theirs.replace(other.key, "nobody") == nobodys
    assert credentials.registry.credential(other.key) == other
    assert [one["name"] for one in (await north.get("/stores")).json()["stores"]] == ["north"]
    assert problem(await north.get("/stores/south"), 404)
    assert problem(await north.post("/stores", json={"name": "east"}), 403)


async def test_making_a_store(login: Login, url: str) -> None:
    founder = login("admin/stores")
    created = await founder.post("/stores", json={"name": "east", "label": "The east"})
    assert created.status_code == 201
    assert created.headers["cache-control"] == "no-store"
    body = created.json()
    assert (body["store"]["name"], body["credential"]["store"], body["credential"]["scopes"]) == (
        "east",
        "east",
        ["admin"],
    )
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('store_east.stored_events')").fetchone() != (None,)
    assert [one["name"] for one in (await founder.get("/stores")).json()["stores"]] == ["north", "south", "east"]
    assert (await founder.get("/stores/east")).json() == body["store"]

    east = login(pair=(body["credential"]["key"], body["secret"]))
    assert (await east.post("/credentials", json={"scopes": ["all"]})).json()["credential"]["store"] == "east"
    assert "a store east already" in problem(await founder.post("/stores", json={"name": "east"}), 409)
    assert "is no name for a store" in problem(await founder.post("/stores", json={"name": "East"}), 400)


async def test_a_store_with_a_bad_label_is_not_begun(login: Login, url: str) -> None:
    wish = {"name": "west", "label": "two\nlines"}
    assert "a label is one line" in problem(await login("admin/stores").post("/stores", json=wish), 400)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regnamespace('store_west')").fetchone() == (None,)


async def test_the_right_to_make_stores_can_t_be_taken(login: Login, credentials: Credentials) -> None:
    founder = credentials.registry.issue("north", ["admin/stores"], by="test").credential
    admin, both = login("admin"), login("admin", "admin/stores")
    assert problem(await admin.post("/credentials", json={"scopes": ["admin/stores"]}), 403)
    assert problem(await admin.post(f"/credentials/{founder.key}/rotate"), 403)
    assert problem(await admin.post(f"/credentials/{founder.key}/revoke"), 403)
    assert (await both.post("/credentials", json={"scopes": ["admin/stores"]})).status_code == 201
    assert (await both.post(f"/credentials/{founder.key}/rotate")).status_code == 200


async def test_two_rotations_at_once(login: Login, credentials: Credentials) -> None:
    key = credentials.registry.issue("north", ["all"], by="test").credential.key
    admin = login()
    answers = await asyncio.gather(*(admin.post(f"/credentials/{key}/rotate") for _ in range(8)))
    for answer in answers:
        if answer.status_code != 200:
            assert "try again" in problem(answer, 409)
    secrets = [answer.json()["secret"] for answer in answers if answer.status_code == 200]
    valid = [secret for secret in secrets if await credentials.authenticate(key, secret)]
    assert len(valid) == 1


async def test_database_away() -> None:
    registry = Registry("postgresql://nobody@127.0.0.1:1/none", MasterKey(bytes(32)), "https://lrs.example")
    away = Credentials(registry)
    app = Litestar([admin_router(away, lambda name: name)])
    async with Client(transport=httpx.ASGITransport(app), base_url="http://lrs/admin/v1", auth=("a", "b")) as client:  # type: ignore[arg-type]
        response = await client.get("/credentials")
    assert problem(response, 503)
    assert int(response.headers["retry-after"]) > 0
    away.close()
    registry.close()


async def test_described(app: Litestar) -> None:
    described = app.openapi_schema.to_schema()
    operations = [one for path in described["paths"].values() for one in path.values()]
    assert len(operations) == 8
    assert all(one["summary"] and one["description"] and one["security"] for one in operations)


async def test_pages_of_other_sites_manage_nothing(login: Login) -> None:
    admin = login()
    form = await admin.post("/credentials", content=b'{"scopes":["all"]}', headers={"Content-Type": "text/plain"})
    assert form.status_code == 415
    scripted = await admin.post("/credentials", json={"scopes": ["all"]}, headers={"Sec-Fetch-Site": "cross-site"})
    assert scripted.status_code == 403
    assert (await admin.post("/credentials", json={"scopes": ["all"]})).status_code == 201


async def test_an_expiry_beyond_all_time_is_refused(login: Login) -> None:
    wish = {"scopes": ["all"], "expires": "9999-12-31T23:59:59-23:59"}
    answer = await login().post("/credentials", json=wish)
    assert answer.status_code == 400
    assert "9999" in answer.json()["detail"]
