"""A database with a time zone of its own."""

from datetime import UTC

import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal

from lrs.store import Stores
from tests.store.conftest import MASTER
from tests.store.given import append, statement, uuid


@pytest.mark.parametrize("zone", ["Etc/UTC", "Europe/Amsterdam"])
async def test_moments_are_in_utc_itself(migrated_url: str, stores: Stores, zone: str) -> None:
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        name = Identifier(connection.info.dbname)
        connection.execute(SQL("ALTER DATABASE {} SET timezone = {}").format(name, Literal(zone)))
    await stores.get("default")
    one = statement()
    elsewhere = Stores(migrated_url, MASTER)
    store = await elsewhere.get("default")
    await append(store, one)
    recorded = await store.statement(uuid(one))
    # HTTP dates are written of nothing else (email.utils.format_datetime).
    assert recorded
    assert recorded.stored.tzinfo is UTC
    assert (await store.consistent_through()).tzinfo is UTC
    await elsewhere.close()
