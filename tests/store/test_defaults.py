"""A database whose defaults are others than Postgres' own."""

import asyncio

import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal

from lrs.store import Stores, create_store, migrate
from lrs.store.key_rotation import check
from tests.store.conftest import MASTER
from tests.store.given import append, statement, uuid


@pytest.mark.parametrize(
    ("setting", "value"),
    [("standard_conforming_strings", "off"), ("datestyle", "German"), ("client_encoding", "LATIN1")],
)
async def test_what_is_stored_is_read_whatever_they_are(migrated_url: str, setting: str, value: str) -> None:
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        place = {"database": Identifier(connection.info.dbname), "setting": Identifier(setting)}
        change = SQL("ALTER DATABASE {database} SET {setting} = {value}").format(**place, value=Literal(value))
        connection.execute(change)
    migrate(migrated_url)
    create_store(migrated_url, "other")
    one = statement()
    # The second time nothing of it is remembered.
    for _ in range(2):
        stores = Stores(migrated_url, MASTER)
        store = await stores.get("other")
        await append(store, one)
        recorded = await store.statement(uuid(one))
        assert recorded
        await stores.close()
    assert not any(schema.unknown for schema in check(migrated_url, MASTER, lambda *_: None))


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
async def test_who_waited_for_the_lock_sees_what_was_committed_meanwhile(migrated_url: str, level: str) -> None:
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        place = {"database": Identifier(connection.info.dbname), "level": Literal(level)}
        connection.execute(SQL("ALTER DATABASE {database} SET default_transaction_isolation = {level}").format(**place))
    both = [Stores(migrated_url, MASTER) for _ in range(2)]
    one, other = [await stores.get("default") for stores in both]
    await asyncio.gather(*(append(store, statement()) for store in (one, other) * 20))
    for stores in both:
        await stores.close()


async def test_what_is_acknowledged_is_durable_whatever_they_are(migrated_url: str) -> None:
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        place = Identifier(connection.info.dbname)
        connection.execute(SQL("ALTER DATABASE {} SET synchronous_commit = off").format(place))
    stores = Stores(migrated_url, MASTER)
    store = await stores.get("default")
    assert await store.perform(lambda cursor: ([], cursor.execute("SHOW synchronous_commit").fetchone())) == ("on",)
    await stores.close()
