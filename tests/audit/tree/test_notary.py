"""What the notary signs, and what it refuses to sign."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.sql import SQL, Identifier
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint as TheirCheckpoint

from lrs.audit.tree import keys, tree_log
from lrs.audit.tree.checkpoint import Checkpoint
from lrs.audit.tree.memory import Memory
from lrs.audit.tree.note import BadNote, Note, Signer
from lrs.audit.tree.proof import check_consistency, consistency
from lrs.audit.tree.store_notary import Fork, Overtaken, StoreNotary, Unsignable
from lrs.errors import NotFound
from lrs.seal import MasterKey, WrongMasterKey
from tests.audit.tree.given import ORIGIN, Log
from tests.databases import Databases
from tests.store.conftest import MASTER


def test_the_tree_is_that_of_the_log(log: Log, folder: Path) -> None:
    notary = log.notary(folder)
    sizes = []
    for count in (0, 1, 2, 300, 400):
        log.record(count)
        note = notary.advance(log.connection)
        assert note is not None
        checkpoint = log.verified(note)
        assert (checkpoint.origin, checkpoint.root) == (ORIGIN, log.root(checkpoint.size))
        assert log.served() == checkpoint
        assert Memory(folder).recall("default") == note
        sizes.append(checkpoint.size)
        # The same by a program that isn't ours.
        theirs = TheirCheckpoint.from_text(note)
        theirs.verify(Vkey.from_string(str(log.verifiers()[0])))
        assert (theirs.size, theirs.root_hash) == (checkpoint.size, checkpoint.root)
    assert sizes == [0, 1, 3, 303, 703]
    assert notary.advance(log.connection) is None


def test_it_goes_on_where_another_stopped(log: Log, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrs.audit.tree.store_notary._BATCH", 100)
    for total in (257, 514, 515):
        log.record(total - tree_log.head(log.connection))
        checkpoint = log.sign(folder)
        assert (checkpoint.size, checkpoint.root) == (total, log.root(total))
        assert log.notary(folder).advance(log.connection) is None


def test_each_day_keeps_its_last_checkpoint(log: Log, folder: Path) -> None:
    for _ in range(3):
        log.record(1)
        log.sign(folder)
    rows = log.connection.execute("SELECT size, checkpoint FROM tree_checkpoints").fetchall()
    assert [(size, log.verified(note).size) for size, note in rows] == [(3, 3)]


def test_the_tree_cant_be_changed_by_the_app(log: Log, folder: Path) -> None:
    log.record(3)
    log.sign(folder)
    for change in (
        "UPDATE tree SET size = size - 1",
        "UPDATE tree SET origin = 'example.org'",
        "UPDATE tree_tiles SET hashes = sha256(hashes)",
        "UPDATE tree_tiles SET hashes = substr(hashes, 1, 32)",
        "DELETE FROM tree_tiles",
        "UPDATE tree_keys SET vkey = ''",
        "DELETE FROM tree",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            log.connection.execute(change)


# Crashes


class Crash(Exception):
    """The process was killed here."""


@contextmanager
def _crashing(at: int) -> Iterator[None]:
    """Crash at one of the steps of signing: before what is done there, or right after it."""
    steps: list[tuple[Any, str]] = [
        (StoreNotary, "_load"),
        (StoreNotary, "_keep"),
        (Memory, "remember"),
        (StoreNotary, "_publish"),
    ]
    owner, name = steps[at // 2]
    whole: Callable[..., Any] = getattr(owner, name)

    def crash_before(*_: Any) -> None:
        raise Crash

    def crash_after(*arguments: Any) -> None:
        whole(*arguments)
        raise Crash

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, crash_after if at % 2 else crash_before)
        yield


@pytest.fixture(scope="module")
def long_lived(
    databases: Databases, ready: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Log, Path]]:
    log = Log(databases.copy(ready, "tree_crashes"))
    yield log, tmp_path_factory.mktemp("memory")
    log.close()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(crashes=st.lists(st.tuples(st.integers(1, 300), st.integers(0, 7)), min_size=1, max_size=5))
def test_after_any_crashes_all_that_was_ever_signed_is_of_one_log(
    long_lived: tuple[Log, Path], crashes: list[tuple[int, int]]
) -> None:
    log, folder = long_lived
    signed: list[str] = []
    whole = Signer.sign

    def noted(signer: Signer, text: str) -> Any:
        signed.append(text)
        return whole(signer, text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Signer, "sign", noted)
        notary = log.notary(folder)
        for count, at in crashes:
            log.record(count)
            with _crashing(at), pytest.MonkeyPatch.context() as small:
                small.setattr("lrs.audit.tree.store_notary._BATCH", 64)
                with contextlib.suppress(Crash):
                    (notary if at % 3 else log.notary(folder)).advance(log.connection)
        notary.advance(log.connection)
    last = log.served()
    assert (last.size, last.root) == (tree_log.head(log.connection), log.root(last.size))
    hash_of = tree_log.nodes(log.connection).hash_of
    for text in signed:
        earlier = Checkpoint.parse(text)
        proof = consistency(earlier.size, last.size, hash_of)
        check_consistency(earlier.size, earlier.root, last.size, last.root, proof)


# Two at once


def test_of_two_that_sign_at_once_one_gives_way(log: Log, folder: Path, tmp_path: Path) -> None:
    log.record(10)
    log.sign(folder)
    log.record(10)
    other = log.notary(tmp_path / "elsewhere")

    def meanwhile(note: Note, *_: Any) -> Note:
        other.advance(log.connection)
        return note

    with pytest.raises(Overtaken):
        log.notary(folder, meanwhile).advance(log.connection)
    assert log.served().root == log.root(20)

    # And both go on, each from what the other did.
    one = log.notary(folder)
    for _ in range(3):
        for notary in (one, other):
            log.record(70)
            notary.advance(log.connection)
            checkpoint = log.served()
            assert checkpoint.root == log.root(checkpoint.size)


# Logs that aren't what was signed


@contextmanager
def _backup(log: Log, databases: Databases) -> Iterator[Log]:
    """The database as it is now, as a backup that was put back."""
    source = log.connection.info.dbname
    log.close()
    old = Log(databases.copy(source, f"{source}_old"))
    yield old
    old.close()


@pytest.mark.parametrize("afterwards", [0, 5, 40])
def test_a_database_put_back_from_a_backup_is_not_signed(
    log: Log, folder: Path, databases: Databases, afterwards: int
) -> None:
    log.record(300)
    log.sign(folder)
    with _backup(log, databases) as old:
        log = Log(log.url)
        log.record(20)
        signed = log.sign(folder)
        log.close()
        old.record(afterwards)
        before = old.served()
        with pytest.raises(Fork, match=r"a checkpoint of size 320 was signed .* put back from an older copy"):
            old.sign(folder)
        assert old.served() == before
        assert old.verified(Memory(folder).recall("default") or "") == signed
        # Removing what it remembers is how one says that a fork is wanted.
        Memory(folder).file("default").unlink()
        assert old.sign(folder).size == 300 + afterwards or afterwards == 0


def test_a_database_of_another_log_is_not_signed_for_it(log: Log, folder: Path) -> None:
    log.record(3)
    log.sign(folder)
    with log.tampering() as connection:
        for table in ("tree", "tree_tiles", "tree_keys", "tree_checkpoints", "secrets"):
            connection.execute(SQL("DELETE FROM {}").format(Identifier(table)))
    with pytest.raises(
        Unsignable, match=r"default\.checkpoint must hold the last checkpoint.*isn't signed by a known key"
    ):
        log.sign(folder)


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("UPDATE stored_events SET topic = 'x' WHERE notification_id = 290", "position 290 is not what the tree has"),
        (
            """WITH a AS (DELETE FROM statement_terms), b AS (DELETE FROM statement_salts)
               DELETE FROM stored_events WHERE notification_id = 300""",
            "ends at position 299, but the tree over it at 300|position 300 is not what",
        ),
        ("DELETE FROM stored_events WHERE notification_id = 200", "position 200 is missing"),
        ("UPDATE tree_tiles SET hashes = '' WHERE level = 0 AND index = 1", r"the tile 0/001\.p/44 isn't there"),
        ("UPDATE tree_tiles SET hashes = sha256(hashes) WHERE level = 1", "not the one that was signed at size 300"),
        ("UPDATE tree SET checkpoint = replace(checkpoint, '300', '299')", "doesn't verify"),
        ("UPDATE tree SET origin = 'example.org'", "private key 1 of example.org isn't that of its public key"),
        ("UPDATE tree_keys SET vkey = replace(vkey, 'lrs.', 'xrs.')", "no verifier key"),
    ],
)
def test_what_was_tampered_with_is_not_signed(log: Log, folder: Path, tampering: str, said: str) -> None:
    log.record(300)
    log.sign(folder)
    with log.tampering() as connection:
        changed = connection.execute(tampering)
        assert changed.rowcount == 1
        for extra in (0, 5):
            log.record(extra)
            with pytest.raises(Unsignable, match=said):
                log.sign(folder)


def test_a_gap_in_what_is_new_is_not_signed(log: Log, folder: Path) -> None:
    log.record(10)
    log.sign(folder)
    log.record(10)
    with log.tampering() as connection:
        connection.execute("DELETE FROM stored_events WHERE notification_id = 15")
    with pytest.raises(Unsignable, match="position 15 is missing from the log"):
        log.sign(folder)
    assert log.served().size == 10


# Keys


def test_a_key_vouches_for_the_next(log: Log, folder: Path) -> None:
    with pytest.raises(NotFound, match="no key yet"):
        keys.rotate(log.connection, "store_default", ORIGIN, MASTER)
    notes = []
    for number in (1, 2, 3):
        log.record(1)
        note = log.notary(folder).advance(log.connection)
        assert note is not None
        notes.append(note)
        assert keys.rotate(log.connection, "store_default", ORIGIN, MASTER).number == number + 1
    first, second, third, _ = log.verifiers()
    for note, key in zip(notes, (first, second, third), strict=True):
        assert log.verified(note).size in {1, 2, 3}
        assert key.signed(Note.parse(note))
    assert not first.signed(Note.parse(notes[1]))
    endorsements = [key.endorsement for key in keys.keys(log.connection)][1:]
    assert keys.successors(ORIGIN, first, endorsements) == log.verifiers()
    assert keys.successors(ORIGIN, second, endorsements) == log.verifiers()[1:]
    assert keys.successors("example.org/other", first, endorsements) == [first]
    assert keys.successors(ORIGIN, first, endorsements[1:]) == [first]
    assert keys.successors(ORIGIN, first, [endorsements[0].replace("rotation v1", "rotation v2")]) == [first]
    endorsed = Note.parse(endorsements[0])
    for at, signature in enumerate(endorsed.signatures):
        alone = endorsed._replace(signatures=(signature,))
        assert keys.successors(ORIGIN, first, [str(alone)]) == [first]
        forged = [*endorsed.signatures]
        forged[at] = signature._replace(signature=bytes(64))
        with pytest.raises(BadNote, match="doesn't verify"):
            keys.successors(ORIGIN, first, [str(endorsed._replace(signatures=tuple(forged)))])


def test_a_public_key_that_was_replaced_is_noticed(log: Log, folder: Path) -> None:
    log.record(1)
    log.sign(folder)
    with log.tampering() as connection:
        connection.execute("UPDATE tree_keys SET vkey = %s", [str(Signer(ORIGIN, bytes(32)).verifier)])
    with pytest.raises(Unsignable, match="private key 1"):
        log.sign(folder)


def test_another_master_key_signs_nothing(log: Log, folder: Path) -> None:
    log.record(1)
    log.sign(folder)
    log.record(1)
    notary = log.notary(folder)
    notary._master = MasterKey(b"\1" * 32)
    with pytest.raises(WrongMasterKey):
        notary.advance(log.connection)
