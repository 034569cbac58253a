"""A world: a store with the tables of the counting projection."""

import itertools
import os
from collections.abc import AsyncIterator

import pytest
from psycopg.sql import SQL, Identifier

from lrs.store import Stores, create_store
from tests.consumers.counting import SCHEMA
from tests.consumers.world import World, owner
from tests.databases import NewDatabase
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
async def world(new_database: NewDatabase) -> AsyncIterator[World]:
    """A store on a real database."""
    url = new_database()
    name = made_store(url)
    stores = Stores(url, MASTER)
    made = World(url, await stores.get(name))
    yield made
    made.close()
    await stores.close()
