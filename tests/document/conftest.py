"""Documents of a store on a real database. The database is shared by the run: keys of your own keep tests apart."""

from collections.abc import AsyncIterator

import pytest

from lrs.document import Documents
from lrs.store import Store, Stores
from tests.databases import Databases
from tests.document.given import LIMITS, MASTER


@pytest.fixture(scope="session")
def documents_url(databases: Databases) -> str:
    """Give the owner's URL of a database with two stores."""
    return databases.copy(databases.template("default", "other"), "documents")


@pytest.fixture
async def stores(documents_url: str) -> AsyncIterator[Stores]:
    stores = Stores(documents_url, MASTER)
    yield stores
    await stores.close()


@pytest.fixture
async def store(stores: Stores) -> Store:
    return await stores.get("default")


@pytest.fixture
def documents(store: Store) -> Documents:
    return Documents(store, LIMITS)
