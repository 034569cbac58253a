"""A store on a real database, and statements to put in it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from lrs.seal import MasterKey
from lrs.store import Store, Stores, create_store, migrate
from tests.databases import NewDatabase
from tests.stoppable_database import StoppableDatabase
from tests.store.given import append, statement

MASTER = MasterKey(bytes(32))


@pytest.fixture
def migrated_url(new_database: NewDatabase) -> str:
    """A database with one store, ``default``; the owner's URL."""
    return new_database("default")


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


@pytest.fixture
async def fragile(stoppable_database: StoppableDatabase) -> AsyncIterator[Store]:
    """A store on that database, which knows Ann's key."""
    url = stoppable_database.server.url()
    await asyncio.to_thread(migrate, url)
    await asyncio.to_thread(create_store, url, "default")
    stores = Stores(url, MASTER)
    store = await stores.get("default")
    await append(store, statement())
    yield store
    await stores.close()
