"""Each statement has a salt, without which it is forgotten by itself."""

import asyncio
import hashlib
from typing import Any
from uuid import UUID

import psycopg
import pytest
from cryptography.exceptions import InvalidTag
from msgspec import msgpack

from lrs.index.rebuild import rebuild
from lrs.log.datastore import session
from lrs.log.event import NewEvent
from lrs.log.messages import MessageLog
from lrs.log.reader import seal_context
from lrs.log.work import Conflict
from lrs.store import Store
from schemas.event import STATEMENT_RECORDED, decode_statement_recorded
from schemas.message import Message
from tests.store.conftest import MASTER
from tests.store.given import append, found, person, prepared, statement, uuid, who


def rows(url: str, query: str, *parameters: Any) -> list[Any]:
    with psycopg.connect(url, options="-c search_path=store_default", autocommit=True) as connection:
        cursor = connection.execute(query, parameters)
        return cursor.fetchall() if cursor.description else []


def delete_salt(url: str, one: dict[str, Any]) -> None:
    rows(
        url,
        "DELETE FROM statement_salts USING stored_events WHERE position = notification_id AND originator_id = %s",
        one["id"],
    )


def messages(url: str) -> list[Message]:
    with psycopg.connect(url, autocommit=True) as connection:
        log = MessageLog(connection, "default", MASTER)
        session(connection, log.schema)
        return log.after(connection.cursor(), 0, 2**63 - 1, 1_000)


async def append_as_before_salts(store: Store, one: dict[str, Any]) -> None:
    """Record a statement as it was done before there were salts: four fields, sealed under the person's key alone."""
    (ready,) = prepared(one)
    keys = await store.keys.of([ready.actor, *(mention.identity for mention in ready.mentions)])
    key = keys[ready.actor]
    parts = [(key.id.bytes, key.seal(ready.text, seal_context(ready.id, 0)))]
    for part, mention in enumerate(ready.mentions, start=1):
        other = keys[mention.identity]
        parts.append((other.id.bytes, other.seal(mention.text, seal_context(ready.id, part))))
    state = msgpack.encode([key.learner.bytes, parts[0], parts[1:], True])
    await store.perform(lambda _: ([NewEvent(ready.id, 1, STATEMENT_RECORDED, state)], None))


async def test_every_new_statement_has_a_salt_of_its_own(store: Store, migrated_url: str) -> None:
    await append(store, *(statement() for _ in range(3)))
    await append(store, statement())
    salts = rows(migrated_url, "SELECT position, salt FROM statement_salts ORDER BY position")
    assert [position for position, _ in salts] == [1, 2, 3, 4]
    assert len({salt for _, salt in salts}) == 4
    assert {len(salt) for _, salt in salts} == {32}
    states = rows(migrated_url, "SELECT state FROM stored_events")
    assert all(decode_statement_recorded(state).salted for (state,) in states)
    assert not [salt for _, salt in salts if any(salt in state for (state,) in states)]


async def test_without_its_salt_one_statement_is_forgotten_and_its_id_stays_taken(
    store: Store, migrated_url: str
) -> None:
    one, two = statement(context={"instructor": person("cas")}), statement()
    await append(store, one, two)
    delete_salt(migrated_url, one)
    assert await store.statement(uuid(one)) is None
    assert await store.statement(uuid(two)) is not None
    assert [bool(bytes(message.statement)) for message in messages(migrated_url)] == [False, True]
    with pytest.raises(Conflict):
        await append(store, one)
    differences = await asyncio.to_thread(rebuild, migrated_url, "store_default", MASTER, lambda _reached, _head: None)
    assert [difference.surplus > 0 for difference in differences] == [True, False, False]
    assert await found(store, agent=who("ann")) == [two["id"]]


async def test_salts_that_change_places_are_noticed(store: Store, migrated_url: str) -> None:
    one, two = statement(), statement()
    await append(store, one, two)
    rows(migrated_url, "UPDATE statement_salts SET salt = (SELECT salt FROM statement_salts WHERE position = 2)")
    with pytest.raises(InvalidTag):
        await store.statement(uuid(one))
    assert await store.statement(uuid(two)) is not None


async def test_an_attachment_goes_with_its_statement_s_salt(store: Store, migrated_url: str) -> None:
    content = b"a certificate"
    sha2 = hashlib.sha256(content).hexdigest()
    attachment = {
        "usageType": "http://example.org/certificate",
        "display": {"en": "certificate"},
        "contentType": "text/plain",
        "length": len(content),
        "sha2": sha2.upper(),
    }
    one = statement(attachments=[attachment])
    await store.append(prepared(one), defines=True, contents={sha2: content})
    assert await store.attachments([1]) == {sha2: content}
    rows(migrated_url, "UPDATE statement_salts SET salt = %s", bytes(32))
    with pytest.raises(InvalidTag):
        await store.attachments([1])


async def test_statements_recorded_before_there_were_salts_are_read_as_ever(store: Store, migrated_url: str) -> None:
    old, new = statement("bea", context={"instructor": person("cas")}), statement("bea")
    await append_as_before_salts(store, old)
    await append(store, new)
    await asyncio.to_thread(rebuild, migrated_url, "store_default", MASTER, lambda _reached, _head: None)
    assert await found(store, agent=who("bea")) == [new["id"], old["id"]]
    recorded = await store.statement(uuid(old))
    assert recorded is not None
    assert b"cas@example.org" in recorded.text
    assert b"cas@example.org" in bytes(messages(migrated_url)[0].statement)
    await append(store, old)
    assert [id_ for (id_,) in rows(migrated_url, "SELECT originator_id FROM stored_events")] == [
        UUID(old["id"]),
        UUID(new["id"]),
    ]
