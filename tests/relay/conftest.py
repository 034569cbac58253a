"""Stores and a way to read their messages."""

import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from lrs.store import Store, Stores, create_store
from tests.databases import NewDatabase
from tests.relay.given import MASTER, Log, Watcher, watching

_numbers = itertools.count(1)


@pytest.fixture
def name() -> str:
    """A store's name that no other test has: streams are shared by the run."""
    return f"relay_{os.getpid()}_{next(_numbers)}"


@pytest.fixture
def url(new_database: NewDatabase, name: str) -> str:
    """The owner's URL of a database with that store."""
    url = new_database()
    create_store(url, name)
    return url


@pytest.fixture
async def stores(url: str) -> AsyncIterator[Stores]:
    """The stores of that database."""
    stores = Stores(url, MASTER)
    yield stores
    await stores.close()


@pytest.fixture
async def store(stores: Stores, name: str) -> Store:
    """That store."""
    return await stores.get(name)


@pytest.fixture
def open_log(url: str) -> Iterator[Callable[[str], Log]]:
    """Opens the messages of a store."""
    opened: list[Log] = []

    def open_(name: str) -> Log:
        opened.append(Log(url, name))
        return opened[-1]

    yield open_
    for log in opened:
        log.connection.close()


@pytest.fixture
def log(open_log: Callable[[str], Log], name: str) -> Log:
    """The messages of that store."""
    return open_log(name)


@pytest.fixture
async def watcher(nats_url: str) -> AsyncIterator[Watcher]:
    """Looks at the streams."""
    async with watching(nats_url) as watcher:
        yield watcher


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests can't wait for what is only noticed by looking now and then, or until the server forgets message ids."""
    monkeypatch.setattr("lrs.relay.store_relay.POLL", 0.1)
    monkeypatch.setattr("lrs.relay.relay.POLL", 0.1)
    monkeypatch.setattr("lrs.relay.relay._TRY_AGAIN", 0.05)
    monkeypatch.setattr("lrs.relay.stream._REMEMBERED", 0.5)
