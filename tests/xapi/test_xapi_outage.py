"""The database goes away under a running server and comes back."""

import signal
import time
from collections.abc import Iterator
from dataclasses import replace as changed
from pathlib import Path
from subprocess import Popen

import pytest
from msgspec.structs import replace

from lrs.credential import Registry
from lrs.local.postgres import Postgres
from lrs.seal import MasterKey
from lrs.settings import Settings
from lrs.store import create_store, migrate
from tests.xapi.served import MASTER, Served, serve, statement


class Outage:
    """A Postgres of its own that can be pulled away."""

    def __init__(self, folder: Path) -> None:
        self.postgres = Postgres(folder / "postgres", log=folder / "log" / "postgres.log", options={"fsync": "off"})
        self._process: Popen[bytes] | None = None

    def begin(self) -> None:
        assert self._process
        changed(self.postgres.program(), stop_signal=signal.SIGQUIT).stop(self._process)
        self._process = None

    def end(self) -> None:
        program = self.postgres.program()
        self._process = program.start()
        program.wait_until_ready(self._process, time.sleep)

    def clean_up(self) -> None:
        if self._process:
            self.begin()


@pytest.fixture
def outage(server_folder: Path) -> Iterator[Outage]:
    outage = Outage(server_folder / "xapi outage")
    outage.end()
    yield outage
    outage.clean_up()


@pytest.fixture
def server(outage: Outage, settings: Settings) -> Iterator[Served]:
    outage.postgres.create_database("xapi")
    url = outage.postgres.url("xapi")
    migrate(url)
    create_store(url, "default")
    registry = Registry(url, MasterKey.parse(MASTER), "http://localhost")
    registry.register_store("default", "", "test")
    for port in serve(replace(settings, database_url=url)):
        yield Served(port, registry)
    registry.close()


def test_an_outage_is_a_503_and_the_repeated_request_gets_the_usual_answer(outage: Outage, server: Served) -> None:
    sent = statement(timestamp="2026-03-01T09:30:00Z")
    with server.client("all") as client:
        client.timeout = 30
        assert client.post("/statements", json=statement()).status_code == 200
        outage.begin()
        for answer in (client.post("/statements", json=sent), client.get("/statements"), client.get("/statements")):
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
        outage.end()
        deadline = time.monotonic() + 20
        while (answer := client.post("/statements", json=sent)).status_code == 503:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert answer.json() == [sent["id"]]
        assert client.get("/statements", params={"statementId": sent["id"]}).json()["id"] == sent["id"]
