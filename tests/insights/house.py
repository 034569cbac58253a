"""A whole house for a run of tests: a server, its provider, a store with people in teams, and what they learnt.

company (Bo) > sales (Mia: s1 … s5) > north (Nora: n1 … n3); company > ops (Otto: o1 … o5); company > lab (Lin: l1).
Eve is L&D. Zed learns and isn't of the organisation.
"""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import uvicorn
from litestar import Litestar

from consumers.database import connect_to_store
from consumers.live import Live
from consumers.rebuild import Rebuild
from lrs.access import Access, accesses_of
from lrs.app import create
from lrs.configuration import Configuration, ConfigurationLog
from lrs.credential import Registry
from lrs.log.messages import MessageLog
from lrs.organisation import Directory, How
from lrs.seal import MasterKey
from lrs.settings import Settings
from lrs.store import Stores
from projections.all import NAMES, projection_named
from schemas.policy import Policy
from tests.insights.provider import CLIENT, SECRET, Provider
from tests.store.given import append, statement

MASTER = "00" * 32
KEY = MasterKey.parse(MASTER)
TRAINING = "http://example.org/activities/safety"
OTHER = "http://example.org/activities/cooking"
COMPLETED = {"id": "http://adlnet.gov/expapi/verbs/completed"}
COMMENTED = {"id": "http://adlnet.gov/expapi/verbs/commented"}
TEAMS = """team,name,parent
company,The company,
sales,Sales,company
north,North,sales
ops,Operations,company
lab,Lab,company
"""
MEMBERS = {
    "company": ["bo", "eve"],
    "sales": ["mia", "s1", "s2", "s3", "s4", "s5"],
    "north": ["nora", "n1", "n2", "n3"],
    "ops": ["otto", "o1", "o2", "o3", "o4", "o5"],
    "lab": ["lin", "l1"],
}
MANAGERS = ["bo", "mia", "nora", "otto", "lin"]
EVERYBODY = [name for names in MEMBERS.values() for name in names]


def mail(name: str) -> str:
    return f"{name}@example.org"


def ago(**period: float) -> str:
    return (datetime.now(UTC) - timedelta(**period)).isoformat()


def course(iri: str = TRAINING) -> dict[str, Any]:
    return {"id": iri, "definition": {"type": "http://adlnet.gov/expapi/activities/course"}}


def completion(name: str, iri: str = TRAINING, *, days: float = 20) -> dict[str, Any]:
    return statement(name, course(iri), verb=COMPLETED, timestamp=ago(days=days))


def commented(name: str, iri: str = TRAINING) -> dict[str, Any]:
    """Somebody reflected on a training."""
    return statement(name, course(iri), verb=COMMENTED, timestamp=ago(days=1))


class House(NamedTuple):
    """What tests work with."""

    settings: Settings
    provider: Provider
    registry: Registry
    url: str
    """Of the server."""

    def client(self, *, headers: dict[str, str] | None = None, auth: Any = None) -> httpx.Client:
        return httpx.Client(base_url=f"{self.url}/insights/v1", headers=headers, auth=auth, timeout=30)

    def person(self, who: str, /, *roles: str, **claims: Any) -> httpx.Client:
        """Somebody with a bearer token."""
        token = self.provider.token(mail(who), *roles, **claims)
        return self.client(headers={"Authorization": f"Bearer {token}"})

    def program(self, *scopes: str, store: str = "default") -> httpx.Client:
        """A credential with these scopes."""
        made = self.registry.issue(store, scopes, by="test")
        return self.client(auth=(made.credential.key, made.secret.reveal()))

    def post(self, *statements: dict[str, Any], store: str = "default") -> None:
        """Record statements, and let the projections take them in."""
        self.record(*statements, store=store)
        self.project(store)

    def record(self, *statements: dict[str, Any], store: str = "default") -> None:
        async def recorded() -> None:
            stores = Stores(self.settings.database_url, KEY)
            await append(await stores.get(store), *statements)
            await stores.close()

        asyncio.run(recorded())

    def project(self, store: str = "default", names: Sequence[str] = NAMES) -> None:
        """Let projections take in what is in the log."""
        with closing(connect_to_store(self.settings.database_url, store)) as connection:
            log = MessageLog(connection, store, KEY)
            for name in names:
                live: Live[Any] = Live(connection, log, projection_named(name))
                live.load()
                live.catch_up()

    def rebuild(self, name: str, *, store: str = "default") -> None:
        """Make a projection's tables anew, by the present policy and vocabulary."""
        url = self.settings.database_url
        Rebuild(url, store, KEY, projection_named(name), lambda _reached, _target: None).replace()

    def organise(self, people: str, teams: str = "", *, on: date | None = None, store: str = "default") -> None:
        """Take people.csv over, and teams.csv, as of a day: today, if none is given."""
        day = on or date.today()  # noqa: DTZ011
        with closing(ConfigurationLog(self.settings.database_url, store, KEY)) as log:
            directory = Directory(log)
            for data, kind in ((teams, "teams"), (people, "people")):
                if data:
                    outcome = directory.take(data.encode(), kind, kind, How(day), by="test")  # type: ignore[arg-type]
                    assert not outcome.refusals, outcome.refusals

    def policy(self, policy: Policy, *, store: str = "default") -> None:
        with closing(ConfigurationLog(self.settings.database_url, store, KEY)) as log:
            Configuration(log).set_policy(policy, by="test", why="a test")

    def lookers(self, person: str, means: str, name: str | None = None, *, store: str = "default") -> list[Access]:
        """Who looked at somebody's data; waits until a look by these means is noted."""
        with closing(connect_to_store(self.settings.database_url, store)) as connection, connection.cursor() as cursor:
            keyring = MessageLog(connection, store, KEY).keyring
            for _ in range(1_000):
                found = accesses_of(cursor, keyring, [UUID(person)])
                if any(one.means == means and name in (None, one.name) for one in found):
                    return found
                threading.Event().wait(0.01)
        raise AssertionError(f"no look by {means} was noted")

    def ids(self) -> dict[str, str]:
        """Everybody's id, by the first part of their address."""
        with self.person("eve", "lnd") as eve:
            items = eve.get("/people", params={"limit": 500}).json()["items"]
        return {item["identifiers"][0].removeprefix("mbox:mailto:").partition("@")[0]: item["id"] for item in items}


def people() -> str:
    """A people.csv with everybody."""
    lines = [
        f"{mail(name)},{name.title()},{team},{'yes' if name in MANAGERS else 'no'}"
        for team, names in MEMBERS.items()
        for name in names
    ]
    return "\n".join(["email,name,team,manager", *lines, ""])


@contextmanager
def house(database_url: str, provider: Provider, **options: Any) -> Iterator[House]:
    """A house in a database with the stores ``default`` and ``other``, both empty."""
    settings = Settings(
        database_url=database_url,
        master_key=MASTER,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        **options,
    )
    with closing(Registry(database_url, KEY, "http://localhost")) as registry:
        for store in ("default", "other"):
            registry.register_store(store, "", by="test")
        with _served(settings) as url:
            yield House(settings, provider, registry, url)


@contextmanager
def _served(settings: Settings) -> Iterator[str]:
    def app() -> Litestar:
        return create(settings)

    server = uvicorn.Server(uvicorn.Config(app, factory=True, port=0, log_level="warning", timeout_graceful_shutdown=1))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            threading.Event().wait(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


PATHS = (
    "/follow-ups",
    "/follow-ups/figures",
    "/streaks",
    "/streaks/figures",
    "/managers",
    "/managers/figures",
    "/people",
    "/teams",
    "/unknown-verbs",
)
"""Lists that anybody of L&D may ask for."""


def reason(response: httpx.Response, status: int = 400) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return str(response.json()["detail"])


def follow(client: httpx.Client, path: str, **query: Any) -> list[list[dict[str, Any]]]:
    """All pages of a list."""
    pages = []
    answer = client.get(path, params=query).json()
    while True:
        pages.append(answer["items"])
        if answer["next"] is None:
            return pages
        address = answer["next"]
        assert address.startswith(f"/insights/v1{path}?")
        answer = client.get(address.removeprefix("/insights/v1")).json()
