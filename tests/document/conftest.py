"""Documents of a store on a real database. The database is shared by the run: keys of your own keep tests apart."""

from collections.abc import AsyncIterator

import pytest

from lrs.document import Documents
from lrs.local.postgres import Postgres
from lrs.store import Store, Stores, create_store, migrate
from tests.document.given import MASTER


@pytest.fixture(scope="session")
def documents_url(postgres: Postgres) -> str:
    """Give the owner's URL of a database with two stores."""
    postgres.create_database("documents")
    url = postgres.url("documents")
    migrate(url)
    create_store(url, "default")
    create_store(url, "other")
    return url


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
    return Documents(store)
