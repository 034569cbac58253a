"""A store on a real database, and statements to put in it."""

from collections.abc import AsyncIterator

import pytest

from lrs.seal import MasterKey
from lrs.store import Store, Stores, create_store, migrate

MASTER = MasterKey(bytes(32))


@pytest.fixture
def migrated_url(database_url: str) -> str:
    """A database with one store, ``default``; the owner's URL."""
    migrate(database_url)
    create_store(database_url, "default")
    return database_url


@pytest.fixture
async def stores(migrated_url: str) -> AsyncIterator[Stores]:
    """The stores of that database."""
    stores = Stores(migrated_url, MASTER)
    yield stores
    await stores.close()


@pytest.fixture
async def store(stores: Stores) -> Store:
    """The store ``default``."""
    return await stores.get("default")
