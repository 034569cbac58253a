"""Live equals replay: the index rebuilt from the log is the index that was written along the way."""

import asyncio
import random
from typing import Any

import psycopg
import pytest

from lrs.index import rebuild as index_rebuild
from lrs.index.rebuild import TABLES, rebuild
from lrs.store import Store
from tests.store.conftest import MASTER
from tests.store.given import activity, append, found, ids, person, ref, statement, voiding, who

SCHEMA = "store_default"


def _history(seed: int, length: int) -> list[dict[str, Any]]:
    """Statements of every kind, among them references to statements that come later, or never."""
    chance = random.Random(seed)
    made = [statement() for _ in range(length)]
    names = ["ann", "bea", "cas", "dan"]
    for n, one in enumerate(made):
        one["actor"] = person(chance.choice(names))
        kind = chance.random()
        aim = made[chance.randrange(length)]
        if kind < 0.25:
            one["object"] = ref(aim)
        elif kind < 0.4:
            made[n] = {**voiding(aim, chance.choice(names)), "id": one["id"]}
        else:
            language = chance.choice(["en", "nl"])
            one["object"] = activity(f"a{chance.randrange(5)}", name={language: f"name {chance.randrange(3)}"})
            one["context"] = {"instructor": person(chance.choice(names))}
    return made


def _ignore(_reached: int, _head: int) -> None:
    pass


@pytest.mark.parametrize("seed", range(8))
async def test_the_rebuilt_index_equals_the_live_one(store: Store, migrated_url: str, seed: int) -> None:
    chance = random.Random(seed)
    history = _history(seed, 60)
    while history:
        size = chance.randrange(1, 9)
        await append(store, *history[:size], defines=chance.random() < 0.8)
        del history[:size]
    before = await found(store, agent=who("bea"), related_agents=True)
    differences = await asyncio.to_thread(rebuild, migrated_url, SCHEMA, MASTER, _ignore)
    assert [d.table for d in differences] == list(TABLES)
    assert all(d.equal and d.rows for d in differences), differences
    assert await found(store, agent=who("bea"), related_agents=True) == before
    one = statement("bea")
    await append(store, one)
    assert (await found(store, agent=who("bea")))[0] == one["id"]


async def test_a_damaged_index_is_found_and_repaired(store: Store, migrated_url: str) -> None:
    one = statement("bea")
    await append(store, one)
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute("DELETE FROM store_default.statement_terms")
        connection.execute("INSERT INTO store_default.activities VALUES (gen_random_uuid(), 'x', '{}')")
    differences = {d.table: d for d in await asyncio.to_thread(rebuild, migrated_url, SCHEMA, MASTER, _ignore)}
    assert differences["statement_terms"].missing == differences["statement_terms"].rows > 0
    assert differences["activities"].surplus == 1
    assert await found(store, agent=who("bea")) == ids(one)


async def test_statements_go_on_arriving_while_the_index_is_rebuilt(store: Store, migrated_url: str) -> None:
    await append(store, *(statement("bea") for _ in range(200)))
    task = asyncio.create_task(asyncio.to_thread(rebuild, migrated_url, SCHEMA, MASTER, _ignore))
    sent = 200
    while not task.done():
        await append(store, statement("bea"))
        sent += 1
    assert all(difference.equal for difference in await task)
    assert len(await found(store, agent=who("bea"), limit=10_000)) == sent
    again = await asyncio.to_thread(rebuild, migrated_url, SCHEMA, MASTER, _ignore, replace=False)
    assert all(difference.equal for difference in again)


async def test_nobody_waits_for_long_while_a_long_reader_keeps_the_rebuilt_index_from_its_place(
    store: Store, migrated_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(index_rebuild, "PAUSE", 0.1)
    await append(store, statement("bea"))
    async with await psycopg.AsyncConnection.connect(migrated_url) as dump:
        await dump.execute("SELECT count(*) FROM store_default.activities")
        task = asyncio.create_task(asyncio.to_thread(rebuild, migrated_url, SCHEMA, MASTER, _ignore))
        while not caplog.records:
            await append(store, statement("bea"))
        assert "somebody reads the index of store_default in a long transaction" in caplog.text
        await append(store, statement("bea"))
        assert not task.done()
        sent = await found(store, agent=who("bea"), limit=10_000)
    assert all(difference.equal for difference in await task)
    await append(store, one := statement("bea"))
    assert await found(store, agent=who("bea"), limit=10_000) == [*ids(one), *sent]
    again = await asyncio.to_thread(rebuild, migrated_url, SCHEMA, MASTER, _ignore, replace=False)
    assert all(difference.equal for difference in again)


async def test_rebuilt_tables_have_the_indexes_of_migrated_ones(store: Store, migrated_url: str) -> None:
    query = (
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'store_default' ORDER BY indexname"
    )
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        migrated = connection.execute(query).fetchall()
        await append(store, statement())
        await asyncio.to_thread(rebuild, migrated_url, SCHEMA, MASTER, _ignore)
        assert connection.execute(query).fetchall() == migrated
