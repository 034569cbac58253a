"""What belongs to a person is sealed under that person's key."""

from uuid import uuid4

import psycopg
import pytest
from cryptography.exceptions import InvalidTag
from psycopg.errors import InsufficientPrivilege
from psycopg.rows import TupleRow

from lrs import sql
from lrs.log.datastore import session
from lrs.seal import KeysLost, MasterKey, WrongMasterKey
from lrs.store import Store, Stores, migrate
from schemas.erasure import Erased, encode_erased
from tests.store.conftest import MASTER
from tests.store.given import append, destroy, found, person, statement, uuid, who

MARKERS = (b"bea", b"cas", b"example.org", b"secretresponse")


def tables(url: str) -> psycopg.Connection[TupleRow]:
    """A connection to the tables of the store, as their owner."""
    return psycopg.connect(url, autocommit=True, options="-c search_path=store_default")


async def test_no_table_of_the_log_or_index_holds_a_person_in_clear(store: Store, migrated_url: str) -> None:
    one = statement("bea", context={"instructor": person("cas")}, result={"response": "secretresponse"})
    await append(store, one)
    with psycopg.connect(migrated_url) as connection:
        for table in ("stored_events", "statement_terms", "statement_refs", "learners", "person_keys", "secrets"):
            with connection.cursor().copy(f"COPY store_default.{table} TO STDOUT (FORMAT BINARY)") as copy:
                content = b"".join(copy)
            assert not [marker for marker in MARKERS if marker in content], table


async def test_a_mentioned_person_who_is_forgotten_leaves_the_statement_readable(
    store: Store, migrated_url: str
) -> None:
    one = statement("bea", context={"instructor": person("cas")})
    await append(store, one)
    key = (await store.keys.of(["mbox:mailto:cas@example.org"]))["mbox:mailto:cas@example.org"]
    with tables(migrated_url) as connection:
        destroy(connection, "key_id = %s", key.id)
    recorded = await store.statement(uuid(one))
    assert recorded is not None
    assert b"cas@example.org" not in recorded.text
    assert b"urn:vliegwiel:forgotten" in recorded.text
    assert b"bea@example.org" in recorded.text


async def test_a_forgotten_actor_s_statement_is_gone_and_who_returns_is_somebody_new(
    store: Store, migrated_url: str
) -> None:
    old = statement("bea")
    await append(store, old)
    with tables(migrated_url) as connection:
        destroy(connection)
        connection.execute("DELETE FROM learners")
    assert await store.statement(uuid(old)) is None
    new = statement("bea")
    await append(store, new)
    assert await store.statement(uuid(new)) is not None


async def test_who_has_lost_their_key_is_not_taken_for_forgotten(store: Store, migrated_url: str) -> None:
    one, other = statement("bea", context={"instructor": person("cas")}), statement("dan")
    await append(store, one, other)
    lost = (await store.keys.of([who("cas")]))[who("cas")]
    with tables(migrated_url) as connection:
        row = sql.one(connection.execute("DELETE FROM person_keys WHERE key_id = %s RETURNING *", [lost.id]))
        gone = f"the key with the id {lost.id} is gone from store_default.person_keys though no erasure destroyed it"
        with pytest.raises(KeysLost, match=gone):
            await store.statement(uuid(one))
        with pytest.raises(KeysLost, match=gone):
            await found(store)
        with pytest.raises(KeysLost, match=f"the key of learner {lost.learner} is gone"):
            await append(store, statement("eve"), statement("cas"))
        assert await found(store, agent=who("dan")) == [other["id"]]
        await append(store, third := statement("eve"))
        connection.execute("INSERT INTO person_keys VALUES (%s, %s, %s, %s)", row)
    assert set(await found(store)) == {one["id"], other["id"], third["id"]}


async def test_a_damaged_key_is_not_taken_for_a_wrong_master_key(store: Store, migrated_url: str) -> None:
    await append(store, one := statement("bea"))
    with tables(migrated_url) as connection:
        connection.execute("UPDATE person_keys SET wrapped = sha256(wrapped)")
    with pytest.raises(KeysLost, match=r"in store_default.person_keys is damaged"):
        await store.statement(uuid(one))


@pytest.mark.parametrize("number", [0, 1, 15, 16, 300])
def test_keys_destroyed_before_they_were_noted_are_noted_by_migrating(migrated_url: str, number: int) -> None:
    events = [
        Erased(tuple(uuid4().bytes for _ in range(learners)), tuple(uuid4().bytes for _ in range(number)), by="test")
        for learners in (1, 15, 16, 300)
    ]
    with tables(migrated_url) as connection:
        connection.execute("DROP TABLE destroyed_keys; DELETE FROM migrations WHERE name = 'lrs.seal/destroyed.sql'")
        for position, event in enumerate(events, start=1):
            connection.execute(
                """INSERT INTO stored_events (notification_id, originator_id, originator_version, topic, state, stored)
                   VALUES (%s, gen_random_uuid(), 1, 'learner.erased', %s, now() + %s * interval '1 s')""",
                [position, encode_erased(event), position],
            )
        assert migrate(migrated_url) == ["store_default: lrs.seal/destroyed.sql"]
        noted = {key.bytes for (key,) in connection.execute("SELECT key_id FROM destroyed_keys")}
    assert noted == {key for event in events for key in event.keys}


async def test_sealed_parts_that_change_places_are_noticed(store: Store, migrated_url: str) -> None:
    one, two = statement("bea"), statement("bea")
    await append(store, one, two)
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE store_default.stored_events DISABLE TRIGGER USER")
        connection.execute(
            "UPDATE store_default.stored_events e SET state = o.state FROM store_default.stored_events o"
            " WHERE e.originator_id = %s AND o.originator_id = %s",
            [one["id"], two["id"]],
        )
    with pytest.raises(InvalidTag):
        await store.statement(uuid(one))


@pytest.mark.parametrize("change", ["UPDATE stored_events SET topic = 'x'", "DELETE FROM stored_events"])
async def test_the_app_s_role_may_not_change_the_log(store: Store, migrated_url: str, change: str) -> None:
    await append(store, statement())
    with psycopg.connect(migrated_url) as connection:
        session(connection, "store_default")
        with pytest.raises(InsufficientPrivilege, match="permission denied"):
            connection.execute(change)


@pytest.mark.parametrize(
    "change", ["UPDATE stored_events SET topic = 'x'", "DELETE FROM stored_events", "TRUNCATE stored_events"]
)
async def test_a_trigger_refuses_even_the_owner_to_change_the_log(store: Store, migrated_url: str, change: str) -> None:
    await append(store, statement())
    with (
        psycopg.connect(migrated_url, options="-c search_path=store_default") as connection,
        pytest.raises(InsufficientPrivilege, match="append-only"),
    ):
        connection.execute(change)


async def test_a_lost_secret_is_not_replaced_once_the_log_depends_on_it(store: Store, migrated_url: str) -> None:
    await append(store, statement())
    with psycopg.connect(migrated_url, autocommit=True) as connection:
        connection.execute("DELETE FROM store_default.secrets WHERE name = 'digest key'")
    stranger = Stores(migrated_url, MASTER)
    with pytest.raises(KeysLost, match="put the table secrets back"):
        await stranger.get("default")
    await stranger.close()


async def test_another_master_key_is_refused_and_not_answered_with_nothing(store: Store, migrated_url: str) -> None:
    await append(store, statement())
    stranger = Stores(migrated_url, MasterKey(b"x" * 32))
    with pytest.raises(WrongMasterKey):
        await stranger.get("default")
    await stranger.close()
