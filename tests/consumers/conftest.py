"""A world: a store with the tables of the counting projection."""

import itertools
import os
from collections.abc import AsyncIterator

import pytest
from psycopg.sql import SQL, Identifier

from lrs.store import Stores, create_store, migrate
from tests.consumers.counting import SCHEMA
from tests.consumers.world import World, owner
from tests.store.conftest import MASTER

_numbers = itertools.count(1)


def made_store(url: str) -> str:
    """Make a store with the tables of the counting projection, in a database that is migrated; gives its name.

    It is nobody else's: streams are named after it, and NATS is shared by the run.
    """
    name = f"w{os.getpid()}_{next(_numbers)}"
    create_store(url, name)
    with owner(url) as connection:
        connection.execute(SQL("SET search_path = {}").format(Identifier(f"store_{name}")))
        connection.execute(SQL(SCHEMA))
    return name


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A store on a real database."""
    migrate(database_url)
    name = made_store(database_url)
    stores = Stores(database_url, MASTER)
    made = World(database_url, await stores.get(name))
    yield made
    made.close()
    await stores.close()
