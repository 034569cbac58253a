"""Lookups of persons' keys that come at the same time share one."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

import psycopg
import pytest
from msgspec import json
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.log.datastore import session
from lrs.log.work import Appended
from lrs.seal import Keyring, KeysLost, PersonKey, keyring
from lrs.store import Store, sealer
from tests.local.upped import until
from tests.store.conftest import MASTER
from tests.store.given import append, found, person, statement, who


async def test_many_new_persons_at_once_are_few_transactions(store: Store, migrated_url: str) -> None:
    persons = [who(f"p{number}") for number in range(40)]
    keys = await asyncio.gather(*(store.keys.of([person]) for person in persons))
    with psycopg.connect(migrated_url) as connection:
        (rows, transactions) = sql.one(
            connection.execute("SELECT count(*), count(DISTINCT xmin::text) FROM store_default.person_keys")
        )
    assert rows == len({key.id for one in keys for key in one.values()}) == 40
    # The first has gone before the others came, at most.
    assert transactions <= 2
    assert [set(one) for one in keys] == [{person} for person in persons]


async def test_the_same_new_person_at_once_gets_one_key(store: Store) -> None:
    keys = await asyncio.gather(*(store.keys.of([who("ann"), who(f"p{number}")]) for number in range(10)))
    assert len({one[who("ann")].id for one in keys}) == 1


async def test_somebody_s_lost_key_is_no_trouble_for_who_comes_at_the_same_time(
    store: Store, migrated_url: str
) -> None:
    lost = (await store.keys.of([who("cas")]))[who("cas")]
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute("DELETE FROM store_default.person_keys WHERE key_id = %s", [lost.id])
    one, other = statement("eve"), statement("fay")
    outcomes = await asyncio.gather(
        append(store, one), append(store, statement("cas")), append(store, other), return_exceptions=True
    )
    assert isinstance(outcomes[0], Appended)
    assert isinstance(outcomes[2], Appended)
    assert isinstance(outcomes[1], KeysLost)
    assert set(await found(store)) == {one["id"], other["id"]}


async def test_who_hangs_up_takes_nobody_s_lookup_along(store: Store) -> None:
    first, second = (asyncio.create_task(store.keys.of([who(name)])) for name in ("ann", "bea"))
    await asyncio.sleep(0)
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    assert first.cancelled()
    assert set(await second) == {who("bea")}
    with pytest.raises(KeyError):
        (await store.keys.of([who("cas")]))[who("bea")]


async def test_who_is_just_being_added_by_another_process_gets_the_key_they_have_there(
    store: Store, migrated_url: str
) -> None:
    in_store = "-c search_path=store_default"
    with psycopg.connect(migrated_url, options=in_store) as other, psycopg.connect(migrated_url) as watching:
        theirs = Keyring.open(other, "store_default", MASTER).of(other.cursor(), [who("bea")])[who("bea")]
        ours = asyncio.create_task(store.keys.of([who("ann"), who("bea")]))
        watching.autocommit = True
        waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        await asyncio.to_thread(until, lambda: watching.execute(waiting).fetchone(), "the one to wait for the other")
        assert not ours.done()
        other.commit()
        keys = await ours
    assert keys[who("bea")].id == theirs.id != keys[who("ann")].id


async def test_who_is_forgotten_right_after_being_added_comes_again_as_somebody_new(
    store: Store, migrated_url: str
) -> None:
    with psycopg.connect(migrated_url) as connection:
        session(connection, "store_default")
        keys = _Forgotten.open(connection, "store_default", MASTER).of(connection.cursor(), [who("ann"), who("bea")])
    assert {name: key.id for name, key in keys.items()} == {
        name: key.id for name, key in (await store.keys.of([who("ann"), who("bea")])).items()
    }


class _Forgotten(Keyring):
    """Whom it adds first another process has added before, and forgets at once."""

    _forgot = False

    def _added(self, cursor: Cursor[TupleRow], digests: Sequence[UUID]) -> dict[UUID, PersonKey]:
        added = super()._added(cursor, digests)
        if self._forgot:
            return added
        self._forgot = True
        cursor.execute("DELETE FROM person_keys")
        cursor.execute("DELETE FROM learners")
        return {}


async def test_a_request_with_many_new_persons_goes_piece_by_piece(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (keyring, sealer):
        monkeypatch.setattr(module, "_AT_ONCE", 3)
    known = statement("p2", timestamp="2026-03-01T09:00:00Z")
    await append(store, known)
    members = [{"objectType": "Agent", "mbox": f"mailto:p{number}@example.org"} for number in range(11)]
    told = [statement(f"q{number}", {"objectType": "Group", "member": members[number:]}) for number in range(11)]
    await append(store, *told)
    assert list(await found(store)) == [one["id"] for one in (*reversed(told), known)]
    keys = await store.keys.of([who(f"p{number}") for number in range(11)])
    assert len({key.id for key in keys.values()}) == 11
    for one in told:
        recorded = await store.statement(UUID(one["id"]))
        assert recorded is not None
        assert json.decode(recorded.text)["object"] == one["object"]


async def test_who_is_known_stays_so_for_a_request_while_all_are_forgotten(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer, "_REMEMBERED_BYTES", 0)
    await append(store, statement("ann"))
    told = [statement("bea"), statement("ann", context={"instructor": person("cas")})]
    await asyncio.gather(*(append(store, one) for one in told))
    assert {one["id"] for one in told} < set(await found(store))
