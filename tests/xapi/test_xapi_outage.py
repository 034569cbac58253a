"""The database goes away under a running server and comes back."""

import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest
from msgspec.structs import replace

from lrs.credential import Registry
from lrs.seal import MasterKey
from lrs.settings import Settings
from lrs.store import create_store, migrate
from tests.stoppable_database import StoppableDatabase
from tests.xapi.served import MASTER, Served, serve, statement


@pytest.fixture
def server(stoppable_database: StoppableDatabase, settings: Settings) -> Iterator[Served]:
    url = stoppable_database.server.url()
    migrate(url)
    create_store(url, "default")
    registry = Registry(url, MasterKey.parse(MASTER), "http://localhost")
    registry.register_store("default", "", "test")
    for port in serve(replace(settings, database_url=url)):
        yield Served(port, registry)
    registry.close()


def test_an_outage_is_a_503_and_the_repeated_request_gets_the_usual_answer(
    stoppable_database: StoppableDatabase, server: Served
) -> None:
    sent = statement(timestamp="2026-03-01T09:30:00Z")
    with server.client("all") as client:
        client.timeout = 30
        assert client.post("/statements", json=statement()).status_code == 200
        stoppable_database.stop()
        for answer in (client.post("/statements", json=sent), client.get("/statements"), client.get("/statements")):
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
        stoppable_database.start()
        deadline = time.monotonic() + 20
        while (answer := client.post("/statements", json=sent)).status_code == 503:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert answer.json() == [sent["id"]]
        assert client.get("/statements", params={"statementId": sent["id"]}).json()["id"] == sent["id"]


def test_a_database_that_takes_no_writes_is_a_503_for_them_and_is_read_on(
    stoppable_database: StoppableDatabase, server: Served, settings: Settings
) -> None:
    place = {"activityId": "http://example.org/a", "agent": '{"mbox": "mailto:a@example.org"}', "stateId": "s"}

    def take_writes(setting: str) -> None:
        with psycopg.connect(stoppable_database.server.url(), autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(f"ALTER DATABASE vliegwiel SET default_transaction_read_only = {setting}")
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = 'vliegwiel' AND pid <> pg_backend_pid()"
            )

    known, unknown = statement(), statement(actor={"mbox": "mailto:nobody.yet@example.org"})
    with server.client("all") as client:
        client.timeout = 30
        assert client.post("/statements", json=known).status_code == 200
        take_writes("on")
        for sent in (statement(), unknown):
            assert client.post("/statements", json=sent).status_code == 503
        assert client.put("/activities/state", params=place, json={}).status_code == 503
        assert client.get("/statements", params={"statementId": known["id"]}).status_code == 200
        for port in serve(replace(settings, database_url=stoppable_database.server.url())):
            assert httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200
        take_writes("off")
        assert client.post("/statements", json=unknown).json() == [unknown["id"]]
        assert client.put("/activities/state", params=place, json={}).status_code == 204
