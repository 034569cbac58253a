"""A store whose statements are forgotten by rules, on a real database."""

from collections.abc import AsyncIterator, Iterator

import pytest

from lrs.configuration import ConfigurationLog
from lrs.store import Store, Stores
from tests.audit.erasure.given import Home
from tests.audit.retention.given import Keeper
from tests.consumers.conftest import made_store
from tests.consumers.world import World
from tests.databases import NewDatabase
from tests.store.conftest import MASTER


@pytest.fixture
def url(new_database: NewDatabase) -> str:
    """A database with one store, ``north``; the owner's URL."""
    return new_database("north")


@pytest.fixture
async def stores(url: str) -> AsyncIterator[Stores]:
    """The stores of that database."""
    stores = Stores(url, MASTER)
    yield stores
    await stores.close()


@pytest.fixture
async def store(stores: Stores) -> Store:
    """The store ``north``."""
    return await stores.get("north")


@pytest.fixture
def keeper(url: str) -> Iterator[Keeper]:
    """Who sets and runs its rules."""
    log = ConfigurationLog(url, "north", MASTER)
    yield Keeper(log)
    log.close()


@pytest.fixture
async def world(new_database: NewDatabase) -> AsyncIterator[World]:
    """A store with the tables of a projection, whose stream is nobody else's."""
    url = new_database()
    name = made_store(url)
    stores = Stores(url, MASTER)
    made = World(url, await stores.get(name))
    yield made
    made.close()
    await stores.close()


@pytest.fixture
def home(url: str) -> Iterator[Home]:
    """The store as its owner sees it."""
    home = Home(url, "north")
    yield home
    home.close()
