"""Checking the live database, after somebody with every right has changed something in it."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from lrs.audit.bundle.live import LiveCheck
from lrs.audit.erasure import Erasures
from lrs.audit.reading import opened
from lrs.audit.tree import keys, proofs, tree_log
from lrs.audit.tree.tile import Edge
from lrs.configuration import ConfigurationLog
from lrs.log.messages import MessageLog
from lrs.store import Stores
from tests.audit.bundle.given import told
from tests.audit.tree.given import ORIGIN, Log
from tests.databases import Databases
from tests.store.conftest import MASTER


def checked(log: Log, *kept: tuple[str, str]) -> LiveCheck:
    with opened(log.url, log.store, MASTER) as (cursor, messages):
        check = LiveCheck(cursor, messages, MASTER, lambda _position, _head: None)
        check.run(kept)
        return check


def problems(log: Log, *kept: tuple[str, str]) -> list[str]:
    return [str(problem) for problem in checked(log, *kept).problems]


def after(log: Log, change: str) -> list[str]:
    """What is wrong after a change by somebody who owns the database; it is undone again."""
    with log.tampering() as connection, connection.transaction(force_rollback=True), connection.cursor() as cursor:
        cursor.execute(change)
        check = LiveCheck(cursor, MessageLog(connection, log.store, MASTER), MASTER, lambda _position, _head: None)
        check.run()
        return [str(problem) for problem in check.problems]


@pytest.fixture(scope="module")
def made(databases: Databases, ready: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with a log of 300 statements, signed at 290 and 300, and 5 that aren't yet."""
    log = Log(databases.copy(ready, "audit_made"))
    folder = tmp_path_factory.mktemp("notary")
    log.say(*told(290))
    log.sign(folder)
    keys.rotate(log.connection, "store_default", ORIGIN, MASTER)
    log.say(*told(10))
    log.sign(folder)
    log.say(*told(5))
    log.close()
    return "audit_made"


@pytest.fixture(scope="module")
def shared(databases: Databases, made: str) -> Iterator[Log]:
    """A copy that each test puts back as it was."""
    log = Log(databases.copy(made, "audit_shared"))
    yield log
    log.close()


@pytest.fixture
def own(databases: Databases, made: str) -> Iterator[Log]:
    """A copy of one's own."""
    with databases.new(made) as url:
        log = Log(url)
        yield log
        log.close()


def test_all_is_well(shared: Log) -> None:
    assert after(shared, "SELECT") == []
    check = checked(shared)
    assert (check.problems, check.head, check.size) == ([], 305, 300)


_FLIP = "set_byte({0}, 5, get_byte({0}, 5) # 4)"
_BITS = {
    "originator_id": "encode(" + _FLIP.format("uuid_send(originator_id)") + ", 'hex')::uuid",
    "originator_version": "originator_version # 4",
    "topic": "convert_from(" + _FLIP.format("topic::bytea") + ", 'UTF8')",
    "state": "set_byte(state, octet_length(state) - 3, get_byte(state, octet_length(state) - 3) # 1)",
    "stored": "stored + interval '0.524288 s'",  # 2 ** 19 microseconds
}


@pytest.mark.parametrize("column", _BITS)
@pytest.mark.parametrize("position", [1, 33, 256, 300])
def test_a_flipped_bit_in_the_log_is_named_with_position_and_column(shared: Log, column: str, position: int) -> None:
    change = f"UPDATE stored_events SET {column} = {_BITS[column]} WHERE notification_id = {position}"  # noqa: S608
    found = after(shared, change)
    assert f"position {position}: stored_events.{column}: it isn't what was signed" in found
    others = [line for line in found if line.startswith("position ") and f"position {position}:" not in line]
    assert all("no later than the position before it" in line for line in others)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "UPDATE stored_events SET stored = stored + interval '3 s' WHERE notification_id = 33",
            "position 33: stored_events.stored:",
        ),
        (
            "UPDATE stored_events SET originator_version = 12 WHERE notification_id = 33",
            "position 33: stored_events.originator_version:",
        ),
        ("UPDATE stored_events SET state = '' WHERE notification_id = 33", "position 33: stored_events.state:"),
        (
            "UPDATE stored_events SET originator_id = gen_random_uuid() WHERE notification_id = 33",
            "position 33: stored_events.state or originator_id:",
        ),
        (
            "UPDATE stored_events SET notification_id = 1033 WHERE notification_id = 33",
            "position 33: stored_events.notification_id: there is no such row",
        ),
        (
            "UPDATE stored_events SET notification_id = -33 WHERE notification_id = 33",
            "position -33: stored_events.notification_id: positions begin at 1",
        ),
        (
            "DELETE FROM stored_events WHERE notification_id = 33",
            "position 33: stored_events.notification_id: there is no such row",
        ),
        (
            "DELETE FROM stored_events WHERE notification_id BETWEEN 40 AND 60",
            "positions 40 to 60: stored_events.notification_id: there is no such row",
        ),
        (
            "DELETE FROM stored_events WHERE notification_id > 298",
            "tree.checkpoint: size 300 was signed, but the log ends at position 298: events are gone",
        ),
        ("DELETE FROM stored_events", "positions 1 to 300: stored_events.notification_id: there is no such row"),
        (
            """UPDATE stored_events SET notification_id = 1101 - notification_id WHERE notification_id IN (50, 51);
               UPDATE stored_events SET notification_id = notification_id - 1000 WHERE notification_id > 1000""",
            "position 50: stored_events.notification_id (it is the event of position 51): it isn't what was signed",
        ),
        (
            "DELETE FROM statement_salts WHERE position = 33",
            "position 33: statement_salts.salt: it is gone, and no erasure",
        ),
        (
            "UPDATE statement_salts SET salt = sha256(salt) WHERE position = 33",
            "position 33: statement_salts.salt: part 0 doesn't open",
        ),
        (
            "UPDATE statement_salts SET position = 1033 WHERE position = 33",
            "position 33: statement_salts.salt: it is gone",
        ),
        (
            "DELETE FROM person_keys WHERE learner = (SELECT learner FROM person_keys ORDER BY key_id LIMIT 1)",
            "is gone, and no erasure in the log says so",
        ),
        (
            """UPDATE person_keys SET learner = gen_random_uuid()
               WHERE key_id = (SELECT key_id FROM person_keys LIMIT 1)""",
            "isn't that of the learner whose statement it is",
        ),
        (
            "UPDATE person_keys SET key_id = gen_random_uuid() WHERE key_id = (SELECT key_id FROM person_keys LIMIT 1)",
            "is gone, and no erasure in the log says so",
        ),
        (
            """INSERT INTO stored_events SELECT gen_random_uuid(), 1, topic, state, 306, stored + interval '1 s'
               FROM stored_events WHERE notification_id = 305""",
            "position 306: statement_salts.salt: it is gone",
        ),
        (
            "UPDATE secrets SET name = 'log key 9' WHERE name = 'log key 2'",
            "tree_keys.vkey or secrets.wrapped: the private key 2",
        ),
        (
            "UPDATE secrets SET wrapped = sha256(wrapped) WHERE name = 'log key 1'",
            "tree_keys.vkey or secrets.wrapped: the private key 1",
        ),
        ("DELETE FROM tree_checkpoints", "tree_checkpoints: the checkpoint that is served, of size 300, isn't kept"),
        (
            "UPDATE learners SET digest = gen_random_uuid() WHERE digest = (SELECT digest FROM learners LIMIT 1)",
            "learners.digest: who it is sealed for",
        ),
        (
            """UPDATE learners SET learner = (SELECT min(other.learner::text)::uuid FROM learners AS other
                                              WHERE other.learner <> learners.learner)""",
            "learners.learner or person_keys.learner: who it is sealed for is learner",
        ),
        (
            "INSERT INTO learners SELECT gen_random_uuid(), learner FROM learners LIMIT 1",
            "is known by several identities",
        ),
        ("DELETE FROM learners WHERE digest = (SELECT digest FROM learners LIMIT 1)", "is known by no identity"),
        ("INSERT INTO learners VALUES (gen_random_uuid(), gen_random_uuid())", "has no key"),
        ("INSERT INTO statement_salts VALUES (1033, '')", "statement_salts.position: 1033 is the position of no"),
        (
            "UPDATE person_keys SET wrapped = sha256(wrapped) WHERE key_id = (SELECT key_id FROM person_keys LIMIT 1)",
            "doesn't open with the master key",
        ),
        (
            "UPDATE tree_tiles SET hashes = set_byte(hashes, 7, get_byte(hashes, 7) # 1) WHERE level = 0 AND index = 0",
            "tree_tiles.hashes: tile 0/000 isn't that of the log",
        ),
        (
            "UPDATE tree_tiles SET hashes = substr(hashes, 1, 96) WHERE level = 0 AND index = 1",
            "tree_tiles.hashes: tile 0/001 isn't that of the log",
        ),
        (
            "UPDATE tree_tiles SET hashes = sha256(hashes) WHERE level = 1",
            "tree_tiles.hashes: tile 1/000 isn't that of the log",
        ),
        ("DELETE FROM tree_tiles WHERE level = 0 AND index = 0", "tree_tiles.hashes: tile 0/000 isn't that of the log"),
        (
            "UPDATE tree_tiles SET index = 7 WHERE level = 0 AND index = 0",
            "tree_tiles.hashes: tile 0/000 isn't that of the log",
        ),
        (
            "INSERT INTO tree_tiles VALUES (3, 0, '')",
            "tree_tiles: there are 4 tiles, of which a tree of size 300 has 3",
        ),
        ("UPDATE tree SET size = 2 ^ 62", "positions 306 to 4611686018427387904: stored_events.notification_id"),
        ("UPDATE tree SET size = 299", "tree.size: 299, but size 300 was signed"),
        ("UPDATE tree SET origin = 'x.example'", "tree.checkpoint: the checkpoint is of another log"),
        ("UPDATE tree SET checkpoint = overlay(checkpoint PLACING '!' FROM 40)", "tree.checkpoint: "),
        ("UPDATE tree SET checkpoint = NULL", "tree.checkpoint: "),
        ("DELETE FROM tree", "tree: nothing of this log is signed yet"),
        ("UPDATE tree_checkpoints SET checkpoint = overlay(checkpoint PLACING '!' FROM 40)", "tree_checkpoints of "),
        ("UPDATE tree_checkpoints SET size = 7", "size: it says 7, its checkpoint 300"),
        (
            "UPDATE tree_keys SET vkey = replace(vkey, 'lrs', 'xrs') WHERE number = 2",
            "tree_keys.vkey or tree_keys.endorsement: ",
        ),
        ("UPDATE tree_keys SET endorsement = '' WHERE number = 2", "tree_keys.vkey or tree_keys.endorsement: "),
        ("UPDATE tree_keys SET number = number + 10", "tree_keys.vkey or secrets.wrapped: "),
        (
            "UPDATE secrets SET wrapped = sha256(wrapped) WHERE name = 'log key 2'",
            "tree_keys.vkey or secrets.wrapped: ",
        ),
    ],
)
def test_what_somebody_with_every_right_changed_is_named(shared: Log, change: str, said: str) -> None:
    found = after(shared, change)
    assert any(said in line for line in found), found


def test_rows_and_tiles_changed_together_don_t_give_the_signed_root(own: Log, tmp_path: Path) -> None:
    note = proofs.served(own.connection).note
    with own.tampering() as connection:
        connection.execute("UPDATE stored_events SET originator_version = 7 WHERE notification_id = 33")
        _tree_anew(own, connection)
    found = problems(own)
    assert "tree.checkpoint: the log isn't the one that was signed at size 300" in found
    # With the key, also what is signed can be made anew. But not what others kept.
    with own.tampering() as connection:
        connection.execute("DELETE FROM tree; DELETE FROM tree_tiles; DELETE FROM tree_checkpoints")
    own.sign(tmp_path / "elsewhere")
    assert problems(own) == []
    assert problems(own, ("kept", note)) == ["kept: the log isn't the one that was signed at size 300"]


def _tree_anew(log: Log, connection: Connection[TupleRow]) -> None:
    edge = Edge()
    for row in tree_log.rows(log.connection, 0, 300):
        edge.add(row.leaf())
    for tile in edge.take():
        connection.execute(
            "UPDATE tree_tiles SET hashes = %s WHERE level = %s AND index = %s", [tile.hashes, tile.level, tile.number]
        )


def test_a_replayed_checkpoint_is_a_log_that_lost_nothing_but_one_kept_says_more(own: Log, tmp_path: Path) -> None:
    own.sign(tmp_path)
    kept = proofs.served(own.connection).note
    with own.tampering() as connection:
        connection.execute("DELETE FROM stored_events WHERE notification_id > 290")
        connection.execute("UPDATE tree SET size = 290, checkpoint = (SELECT checkpoint FROM tree_checkpoints)")
    assert "kept: size 305 was signed, but the log ends at position 290: events are gone" in problems(
        own, ("kept", kept)
    )


def test_a_checkpoint_of_another_store_is_named_wherever_it_stands(own: Log, tmp_path: Path) -> None:
    other = Log(own.url, "other")
    other.say(*told(3))
    other.notary(tmp_path, origin="lrs.example.org/log/other").advance(other.connection)
    note = proofs.served(other.connection).note
    other.close()
    said = "the checkpoint is of another log: lrs.example.org/log/other"
    assert [line for line in problems(own, ("kept", note)) if f"kept: {said}" in line]
    with own.tampering() as connection:
        connection.execute("UPDATE tree SET checkpoint = %s", [note])
        connection.execute("UPDATE tree_checkpoints SET checkpoint = %s", [note])
    found = problems(own)
    assert any(line.startswith(f"tree.checkpoint: {said}") for line in found), found
    assert any(line.startswith("tree_checkpoints of ") and said in line for line in found), found


def test_who_was_erased_leaves_a_log_that_is_whole(own: Log, tmp_path: Path) -> None:
    with closing(ConfigurationLog(own.url, "default", MASTER)) as configuration:
        erasures = Erasures(configuration)
        (person,) = erasures.look("p1@example.org").extent.persons
        erasures.erase("p1@example.org", confirm=person, by="test")
    own.sign(tmp_path)
    check = checked(own)
    assert (check.problems, check.size) == ([], 306)
    # A key that comes back is none that was destroyed.
    with own.tampering() as connection:
        connection.execute("DELETE FROM statement_salts WHERE position = 3")
    assert any("position 3: statement_salts.salt: it is gone" in line for line in problems(own))


def test_a_key_that_comes_back_after_an_erasure_is_named(own: Log) -> None:
    rows = own.connection.execute(
        "SELECT key_id, person_keys.learner, wrapped FROM person_keys JOIN learners USING (learner) WHERE digest = %s",
        [_digest(own, "p1@example.org")],
    ).fetchall()
    with closing(ConfigurationLog(own.url, "default", MASTER)) as configuration:
        erasures = Erasures(configuration)
        (person,) = erasures.look("p1@example.org").extent.persons
        erasures.erase("p1@example.org", confirm=person, by="test")
    assert rows
    own.connection.execute("INSERT INTO person_keys (key_id, learner, wrapped) VALUES (%s, %s, %s)", list(rows[0]))
    assert any("was destroyed by an erasure, and is there again" in line for line in problems(own))


def _digest(log: Log, mail: str) -> Any:
    async def found() -> Any:
        stores = Stores(log.url, MASTER)
        store = await stores.get("default")
        digest = store.keys.digest("identity", f"mbox:mailto:{mail}")
        await stores.close()
        return digest

    return asyncio.run(found())
