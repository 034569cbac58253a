"""Checkpoints and witnesses."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint

from lrs.audit.tree import keys, proofs
from lrs.audit.tree.memory import Memory
from lrs.audit.tree.note import BadNote, Note, Verifier
from lrs.audit.tree.store_notary import Fork
from lrs.audit.tree.witness import Witness as Asked
from lrs.audit.tree.witness import cosigned
from tests.audit.tree.given import ORIGIN, Log
from tests.audit.tree.witness import Witness, serving
from tests.databases import Databases
from tests.store.conftest import MASTER


@pytest.fixture
def witness(log: Log, folder: Path) -> Iterator[Witness]:
    """A witness that knows the log."""
    log.sign(folder)
    with serving(Witness()) as witness:
        witness.logs[ORIGIN] = Vkey.from_string(str(log.verifiers()[0]))
        yield witness


def written(witness: Witness) -> str:
    return str(witness.vkey.serialize())  # type: ignore[no-untyped-call]


def asked(*witnesses: Witness) -> list[Asked]:
    return [Asked.parse(f"{written(witness)} {witness.url}/") for witness in witnesses]


def cosigners(log: Log, *witnesses: Witness) -> list[str]:
    """Whose cosignatures the served checkpoint has, verified by an implementation that isn't ours."""
    note = proofs.served(log.connection).note
    checkpoint = Checkpoint.from_text(note)
    found = []
    for line in checkpoint.signatures:
        for witness in witnesses:
            if witness.vkey.match(line):
                witness.vkey.get_verifier().verify_note(line, checkpoint)
                assert Verifier.parse(written(witness)).signed(Note.parse(note))
                found.append(witness.vkey.name)
    assert len(checkpoint.signatures) == 1 + len(found), "nothing else goes in"
    return found


def test_witnesses_cosign_what_is_served(log: Log, folder: Path, witness: Witness) -> None:
    with serving(Witness("witness.example/w2")) as second:
        second.logs = witness.logs
        notary = log.notary(folder, cosigned(asked(witness, second)))
        for count in (1, 300, 7):
            log.record(count)
            notary.advance(log.connection)
            assert cosigners(log, witness, second) == ["witness.example/w1", "witness.example/w2"]
        assert witness.answers == [200, 200, 200]
        # Another notary doesn't know what they have seen: it is told.
        log.record(3)
        log.notary(folder, cosigned(asked(witness, second))).advance(log.connection)
        assert witness.answers[3:] == [409, 200]
        assert cosigners(log, witness, second) == ["witness.example/w1", "witness.example/w2"]


@pytest.mark.parametrize("broken", ["", "hello\n", "— a b\n", "— witness.example/w1 AAAAAAAAAAAAAAAA\n"])
def test_a_witness_that_fails_is_left_out_and_left_alone_for_a_while(
    log: Log, folder: Path, witness: Witness, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    if broken:
        witness.broken = broken
    else:
        witness.logs.clear()
    notary = log.notary(folder, cosigned(asked(witness)))
    with caplog.at_level(logging.WARNING):
        for size in (1, 2):
            log.record(1)
            notary.advance(log.connection)
            assert log.served().size == size
    assert cosigners(log, witness) == []
    assert len(witness.answers) == 1
    assert len([line for line in caplog.messages if "witness.example/w1" in line]) == 1


def test_a_forged_cosignature_is_not_taken(log: Log, folder: Path, witness: Witness) -> None:
    log.record(1)
    log.notary(folder, cosigned(asked(witness))).advance(log.connection)
    earlier = Checkpoint.from_text(proofs.served(log.connection).note)
    witness.broken = earlier.signatures[1].serialize() + "\n"  # of another checkpoint
    log.record(1)
    log.notary(folder, cosigned(asked(witness))).advance(log.connection)
    assert cosigners(log, witness) == []


def test_a_witness_that_is_away_doesnt_hold_anything_up(log: Log, folder: Path) -> None:
    with serving(Witness()) as gone:
        pass
    log.record(1)
    log.notary(folder, cosigned(asked(gone))).advance(log.connection)
    assert log.served().size == 1


@pytest.mark.parametrize("afterwards", [0, 3, 30])
def test_what_a_witness_knows_better_is_not_published(
    log: Log, folder: Path, witness: Witness, afterwards: int, databases: Databases
) -> None:
    log.record(20)
    log.sign(folder)
    source = log.connection.info.dbname
    log.close()
    old = Log(databases.copy(source, f"{source}_old"))
    log = Log(log.url)
    log.record(10)
    log.notary(folder, cosigned(asked(witness))).advance(log.connection)
    log.close()
    # The database is put back, and what the notary remembered is lost too.
    Memory(folder).file("default").unlink()
    old.record(1 + afterwards)
    with pytest.raises(
        Fork, match=r"the witness witness\.example/w1 (has seen a checkpoint of size 30|says that size)"
    ):
        old.notary(folder, cosigned(asked(witness))).advance(old.connection)
    assert old.served().size == 20
    old.close()


def test_a_new_key_is_refused_until_the_witness_knows_it(log: Log, folder: Path, witness: Witness) -> None:
    log.record(1)
    keys.rotate(log.connection, "store_default", ORIGIN, MASTER)
    log.notary(folder, cosigned(asked(witness))).advance(log.connection)
    assert (witness.answers, cosigners(log, witness)) == ([403], [])
    witness.logs[ORIGIN] = Vkey.from_string(str(log.verifiers()[-1]))
    log.record(1)
    log.notary(folder, cosigned(asked(witness))).advance(log.connection)
    assert cosigners(log, witness) == ["witness.example/w1"]


@pytest.mark.parametrize("written", ["", "w+1+AA== https://w.example", "https://w.example"])
def test_what_is_no_witness_is_said(written: str) -> None:
    with pytest.raises(BadNote, match="no verifier key"):
        Asked.parse(written)


def test_a_witness_needs_a_url(log: Log, folder: Path) -> None:
    log.sign(folder)
    with pytest.raises(BadNote, match="no URL"):
        Asked.parse(f"{log.verifiers()[0]} w.example")
