"""A store that people are erased from, on a real database."""

from collections.abc import AsyncIterator, Iterator

import pytest

from lrs.audit.erasure import Erasures
from lrs.configuration import ConfigurationLog
from lrs.organisation import Directory
from lrs.store import Store, Stores
from tests.audit.erasure.given import Home
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
def log(url: str) -> Iterator[ConfigurationLog]:
    """The configuration of that store."""
    log = ConfigurationLog(url, "north", MASTER)
    yield log
    log.close()


@pytest.fixture
def directory(log: ConfigurationLog) -> Directory:
    """Its organisation."""
    return Directory(log)


@pytest.fixture
def erasures(log: ConfigurationLog) -> Erasures:
    """Its erasures."""
    return Erasures(log)


@pytest.fixture
def home(url: str) -> Iterator[Home]:
    """The store as its owner sees it."""
    home = Home(url, "north")
    yield home
    home.close()
