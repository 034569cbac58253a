"""The server as clients see it: a real one, over real connections, on a real Postgres."""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping

import httpx
import pytest
import uvloop

from lrs.credential import Registry
from lrs.seal import MasterKey
from lrs.settings import Settings
from tests.databases import Databases
from tests.xapi.served import MASTER, Served, Wire, serve


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run what is asynchronous on the event loop that serves, too."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def settings(databases: Databases) -> Settings:
    return Settings(
        database_url=databases.copy(databases.template("default", "other"), "xapi"),
        master_key=MASTER,
        max_body_bytes=1_000_000,
        max_batch=100,
        max_attachments=5,
        max_attachment_bytes=500_000,
    )


@pytest.fixture(scope="session")
def registry(settings: Settings) -> Iterator[Registry]:
    registry = Registry(settings.database_url, MasterKey.parse(MASTER), "http://localhost")
    for store in ("default", "other"):
        registry.register_store(store, "", "test")
    yield registry
    registry.close()


@pytest.fixture(scope="session")
def server(settings: Settings, registry: Registry) -> Iterator[Served]:
    for port in serve(settings):
        yield Served(port, registry)


@pytest.fixture(scope="session")
def xapi(server: Served) -> Iterator[httpx.Client]:
    """A client that may do everything, in 1.0.3."""
    with server.client("all") as client:
        yield client


@pytest.fixture(scope="session")
def xapi2(server: Served) -> Iterator[httpx.Client]:
    """A client that may do everything, in 2.0."""
    with server.client("all", version="2.0.0") as client:
        yield client


@pytest.fixture
def wire(server: Served) -> Iterator[Wire]:
    """A bare connection to the server."""
    wire = Wire(server.port)
    yield wire
    wire.close()


@pytest.fixture(scope="session")
def authorization(server: Served) -> str:
    """The Authorization header of a credential that may do everything."""
    key, secret = server.key("all")
    return "Basic " + b64encode(f"{key}:{secret}".encode()).decode()
