"""Appending: positions, stored, conflicts, sharing commits."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import psycopg
import pytest
from msgspec import json

from lrs.log.work import Appended, Conflict
from lrs.store import Store, Stores, create_store
from tests.store.given import append, found, ids, iri, page_of, person, prepared, statement, uuid


async def test_what_was_appended_can_be_read_at_once(store: Store) -> None:
    one = statement()
    await append(store, one)
    recorded = await store.statement(uuid(one))
    assert recorded is not None
    read = json.decode(recorded.text)
    assert read["actor"] == one["actor"]
    assert read["stored"].endswith("Z")
    assert read["authority"]["account"]["name"] == "tool"


async def test_positions_are_contiguous_and_stored_increases_with_them(store: Store) -> None:
    await asyncio.gather(*(append(store, *(statement() for _ in range(7))) for _ in range(40)))
    page = await page_of(store, limit=1000, ascending=True)
    assert [recorded.position for recorded in page.statements] == list(range(1, 281))
    assert all(earlier.stored < later.stored for earlier, later in pairwise(page.statements))


async def test_after_the_clock_was_put_back_all_goes_on_from_what_was_stored(migrated_url: str, store: Store) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=1)
    with psycopg.connect(migrated_url) as connection:
        connection.execute(
            "INSERT INTO store_default.stored_events (originator_id, originator_version, topic, state,"
            " notification_id, stored) VALUES (gen_random_uuid(), 1, 'before', '', 1, %s)",
            [ahead],
        )
    assert await store.consistent_through() == ahead
    await append(store, statement())
    assert await store.consistent_through() == ahead + timedelta(microseconds=1)


async def test_two_processes_worth_of_stores_share_one_order(stores: Stores, migrated_url: str, store: Store) -> None:
    other = Stores(migrated_url, stores._master)
    second = await other.get("default")
    await asyncio.gather(*(append(where, statement()) for _ in range(50) for where in (store, second)))
    page = await page_of(second, limit=1000, ascending=True)
    assert [recorded.position for recorded in page.statements] == list(range(1, 101))
    await other.close()


async def test_the_same_statement_again_is_stored_once(store: Store) -> None:
    one, other = statement(), statement()
    assert (await append(store, one)).already == ()
    assert set((await append(store, one, other)).already) == {uuid(one)}
    assert await found(store) == ids(other, one)


async def test_the_same_statement_in_one_commit_is_stored_once(store: Store) -> None:
    one = statement()
    appended = await asyncio.gather(*(append(store, one) for _ in range(20)))
    assert sorted(len(each.already) for each in appended) == [0] + [1] * 19
    assert await found(store) == ids(one)


async def test_another_statement_with_a_taken_id_conflicts_and_takes_its_batch_along(store: Store) -> None:
    one, other = statement(), statement()
    await append(store, one)
    with pytest.raises(Conflict) as caught:
        await append(store, other, {**one, "actor": {"mbox": "mailto:eve@example.org"}})
    assert caught.value.ids == [uuid(one)]
    assert await found(store) == ids(one)


async def test_a_conflict_fails_nobody_else_in_the_same_commit(store: Store) -> None:
    taken = statement()
    await append(store, taken)
    good = [statement() for _ in range(20)]
    bad = [{**taken, "actor": {"mbox": f"mailto:eve{n}@example.org"}} for n in range(20)]
    outcomes = await asyncio.gather(
        *(append(store, item) for pair in zip(good, bad, strict=True) for item in pair), return_exceptions=True
    )
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 20
    assert set(await found(store)) == {*ids(taken), *ids(*good)}


async def test_two_different_statements_with_one_id_at_the_same_time_store_one(store: Store) -> None:
    shared = str(uuid4())
    versions = [statement(f"u{n}", id=shared) for n in range(10)]
    outcomes = await asyncio.gather(*(append(store, item) for item in versions), return_exceptions=True)
    assert sum(isinstance(outcome, Appended) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 9


async def test_nothing_crosses_stores(stores: Stores, migrated_url: str, store: Store) -> None:
    create_store(migrated_url, "other")
    other = await stores.get("other")
    one = statement()
    await append(store, one)
    assert await found(other) == []
    assert await other.statement(uuid(one)) is None
    assert await other.definitions([iri("course")]) == {}
    await append(other, one)
    assert await found(other) == ids(one)


async def test_a_client_that_hangs_up_does_not_cancel_others(store: Store) -> None:
    statements = [statement() for _ in range(30)]
    tasks = [asyncio.create_task(append(store, item)) for item in statements]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert set(ids(*statements[1::2])) <= set(await found(store))


async def test_a_store_is_usable_after_the_database_dropped_its_connections(store: Store, migrated_url: str) -> None:
    await append(store, statement())
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    one = statement()
    await append(store, one)
    assert (await found(store))[0] == one["id"]


async def test_attachments_come_back_with_their_statement(store: Store) -> None:
    sha2 = "a" * 64
    attachment = {
        "usageType": "http://example.org/usage",
        "display": {"en": "file"},
        "contentType": "text/plain",
        "length": 3,
        "sha2": sha2,
    }
    one = statement(attachments=[attachment])
    await store.append(prepared(one), defines=True, contents={sha2: b"\x00\xffx"})
    recorded = await store.statement(uuid(one))
    assert recorded is not None
    assert await store.attachments([recorded.position]) == {sha2: b"\x00\xffx"}
    assert await store.attachments([recorded.position + 1]) == {}


async def test_an_undated_and_a_dated_statement_with_one_id_in_one_commit_conflict(store: Store) -> None:
    await append(store, statement())  # Ann's key is known: the two below go in as they come
    one = statement()
    dated = one | {"timestamp": "2020-01-01T00:00:00Z"}
    both = (append(store, sent, version="1.0.3") for sent in (one, dated))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert len(outcomes) == 2
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1


async def test_when_it_happened_makes_no_other_statement_in_2_0(store: Store) -> None:
    one = statement()
    for sent in (one, one | {"timestamp": "2020-01-01T00:00:00Z"}, one):
        await append(store, sent)
    recorded = await store.statement(uuid(one))
    assert recorded is not None
    read = json.decode(recorded.text)
    assert read["timestamp"] == read["stored"]


async def test_many_new_people_in_one_request(store: Store) -> None:
    members = [person(f"member{n}") for n in range(3_000)]
    one = statement("ann", {"objectType": "Group", "member": members})
    await append(store, one)
    assert await found(store, agent="mbox:mailto:member2999@example.org") == ids(one)
