"""Bundles, and what is done to them."""

import random
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json

from lrs.audit.bundle.check import Check
from lrs.audit.bundle.chosen import Wanted
from lrs.audit.tree import keys, proofs, tree_log
from lrs.audit.tree.note import Verifier
from lrs.audit.tree.proofs import NotSigned
from lrs.audit.tree.trees import NoTree
from lrs.errors import Malformed, NotFound
from tests.audit.bundle.given import (
    COURSE,
    EARLIEST,
    LATEST,
    Lines,
    at,
    bundle,
    changed,
    checked,
    problems,
    told,
)
from tests.audit.tree.given import ORIGIN, Log
from tests.store.conftest import MASTER


def key(log: Log) -> Verifier:
    return log.verifiers()[0]


@pytest.fixture(scope="session")
def everything(signed: Log) -> Lines:
    """A bundle of the whole log, opened."""
    return bundle(signed, opening=True)


def test_a_bundle_of_all_is_checked_and_read(signed: Log, everything: Lines) -> None:
    read: list[bytes | None] = []
    check = checked(signed, everything, statement=lambda _id, _stored, _parts, plain: read.append(plain[0]))
    assert check.problems == []
    assert check.claim is not None
    assert (check.events, check.opened, check.claim.kind, check.claim.whole) == (70, 70, "all", True)
    assert all(text is not None and b'"verb"' in text for text in read)
    sealed = checked(signed, bundle(signed))
    assert (sealed.problems, sealed.events, sealed.opened) == ([], 70, 0)


def test_of_a_period(signed: Log) -> None:
    rows = list(tree_log.rows(signed.connection, 0, 70))
    for first, last in ((1, 70), (20, 45), (70, 70), (1, 1)):
        since, until = rows[first - 1].stored.isoformat(), rows[last - 1].stored.isoformat()
        for wanted in (Wanted(since=since, until=until), Wanted(since=str(first), until=str(last))):
            check = checked(signed, bundle(signed, wanted))
            assert check.problems == []
            assert check.claim is not None
            assert (check.claim.first, check.claim.last, check.events) == (first, last, last - first + 1)
    empty = checked(signed, bundle(signed, Wanted(since="2001-01-01T00:00:00Z", until="2001-02-01T00:00:00Z")))
    assert (empty.problems, empty.events) == ([], 0)


def test_a_period_in_days(signed: Log) -> None:
    stored = [row.stored.astimezone(UTC).date() for row in tree_log.rows(signed.connection, 0, 70)]
    first, last = str(stored[0]), str(stored[-1])
    for since, until, events, claimed in (
        (first, last, 70, (f"{first}T00:00:00.000000Z", f"{last}T23:59:59.999999Z")),
        ("2020-01-01", None, 70, ("2020-01-01T00:00:00.000000Z", None)),
        (None, "2020-01-01", 0, (None, "2020-01-01T23:59:59.999999Z")),
        # In UTC, before the first year and after the last.
        (EARLIEST, LATEST, 70, ("1970-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z")),
        (LATEST, None, 0, ("9999-12-31T23:59:59.999999Z", None)),
        (None, EARLIEST, 0, (None, "1970-01-01T00:00:00.000000Z")),
    ):
        check = checked(signed, bundle(signed, Wanted(since=since, until=until)))
        assert check.claim is not None
        assert (check.problems, check.events, (check.claim.since, check.claim.until)) == ([], events, claimed)


def test_of_a_learner_with_no_more_than_their_keys(signed: Log) -> None:
    for whole in (False, True):
        lines = bundle(signed, Wanted(learner="p1@example.org", whole=whole), opening=True)
        check = checked(signed, lines)
        assert check.problems == []
        assert check.claim is not None
        assert check.claim.whole is whole
        # Theirs, every fifth, and those that name them as instructor.
        mentioning = [n for n in range(70) if n % 3 == 0 and (n + 1) % 5 == 1]
        assert check.opened == 14
        assert check.events == (70 if whole else 14 + len(mentioning))
        events = [json.decode(line) for line in lines if line.startswith(b'{"line":"event"')]
        given_keys = [one for event in events for one in event["keys"] if one is not None]
        assert len(given_keys) == 14 + len(mentioning)


def test_of_a_training(signed: Log) -> None:
    check = checked(signed, bundle(signed, Wanted(training=COURSE)))
    assert (check.problems, check.events) == ([], len([n for n in range(70) if n % 4]))
    assert check.claim is not None
    assert not check.claim.whole
    assert checked(signed, bundle(signed, Wanted(training=COURSE, whole=True))).events == 70


def test_what_isnt_there_is_said(signed: Log) -> None:
    for wanted, error in (
        (Wanted(learner="nobody@example.org"), NotFound),
        (Wanted(learner="p1@example.org", training=COURSE), Malformed),
        (Wanted(training="a course"), Malformed),
        (Wanted(since="soon"), Malformed),
        (Wanted(since="9", until="3"), Malformed),
        (Wanted(until="71"), Malformed),
        (Wanted(sizes=[71]), Malformed),
    ):
        with pytest.raises(error):
            bundle(signed, wanted)


def test_what_isnt_signed_yet_isnt_in_it(log: Log, folder: Path) -> None:
    with pytest.raises(NoTree, match="nothing of this log is signed"):
        bundle(log)
    log.say(*told(3))
    log.sign(folder)
    log.say(*told(2))
    assert checked(log, bundle(log)).events == 3
    with pytest.raises(NotSigned, match="up to position 3 as yet, not up to 5"):
        bundle(log, Wanted(until="5"))


# What is done to bundles


@settings(max_examples=300)
@given(st.data())
def test_a_changed_bit_anywhere_is_found(signed: Log, everything: Lines, data: st.DataObject) -> None:
    whole = bytearray(b"".join(everything))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert problems(signed, bytes(whole).splitlines(keepends=True))


def test_each_field_of_an_event_is_named_with_its_position(signed: Log, everything: Lines) -> None:
    changes = {
        "id": "00000000-0000-4000-8000-000000000000",
        "version": 2,
        "stored": "2026-01-31T09:00:00.000000Z",
        "topic": "statement.recordee",
        "state": "AAAA",
    }
    where = at(everything, 33)
    for field, value in changes.items():
        lines = [*everything]
        lines[where] = changed(lines[where], lambda line, field=field, value=value: line.update({field: value}))  # type: ignore[misc]
        assert problems(signed, lines)[0].startswith("position 33: this isn't the event that was signed"), field


def test_a_removed_event_is_named(signed: Log, everything: Lines) -> None:
    lines = [*everything]
    del lines[at(lines, 20) : at(lines, 22) + 1]
    assert problems(signed, lines)[0] == "positions 20 to 22: they are missing"
    lines = [line for line in everything if b'"position":70,' not in line]
    assert problems(signed, lines)[-1] == "position 70: it is missing"
    # One of a choice: only whoever has the log's key can take it out.
    chosen = bundle(signed, Wanted(learner="p1@example.org"))
    del chosen[at(chosen, 2)]
    assert problems(signed, chosen) == [
        "seal: the bundle isn't as it was made: lines were changed, added, taken out or put elsewhere"
    ]


def test_a_swapped_or_repeated_event_is_named(signed: Log, everything: Lines) -> None:
    lines = [*everything]
    one, other = at(lines, 20), at(lines, 21)
    lines[one], lines[other] = lines[other], lines[one]
    found = problems(signed, lines)
    assert "position 20: it comes after position 21: swapped, or there twice" in found
    lines = [*everything]
    lines.insert(one, lines[one])
    assert problems(signed, lines)[0] == "position 20: it comes after position 20: swapped, or there twice"
    # Their places exchanged, positions and all.
    lines = [*everything]
    lines[one] = changed(everything[other], lambda line: line.update(position=20))
    lines[other] = changed(everything[one], lambda line: line.update(position=21))
    assert [line.split(":")[0] for line in problems(signed, lines)[:2]] == ["position 20", "position 21"]


def test_an_added_event_is_named(signed: Log, everything: Lines) -> None:
    lines = [*everything]
    lines.insert(at(lines, 70) + 1, changed(lines[at(lines, 70)], lambda line: line.update(position=71)))
    assert "position 71: this isn't the event that was signed: it was changed, or put in its place" in problems(
        signed, lines
    )
    few = bundle(signed, Wanted(since="20", until="30"))
    few.insert(-1, everything[at(everything, 31)])
    assert "position 31: it isn't of the period that the bundle is about: it was added" in problems(signed, few)
    other = bundle(signed, Wanted(learner="p1@example.org"))
    position = at(everything, 5)
    assert b'"position":5,' in everything[position]
    other.insert(at(other, 2) + 1, everything[position])
    assert "position 5: it isn't about whom the bundle is about: it was added" in problems(signed, other)


def test_with_the_leaf_changed_too_the_block_is_named(signed: Log, everything: Lines) -> None:
    (block,) = [n for n, line in enumerate(everything) if line.startswith(b'{"line":"block","number":2,')]
    for field in ("hashes", "path"):
        lines = [*everything]

        def flip(line: dict[str, Any], field: str = field) -> None:
            other = "B" if line["hashes"][0] == "A" else "A"
            line[field] = other + line["hashes"][1:] if field == "hashes" else line["path"][::-1]

        lines[block] = changed(lines[block], flip)
        assert "positions 33 to 48: these events, or their proof, aren't those of the signed tree" in problems(
            signed, lines
        )
    lines = [*everything]
    del lines[block]
    assert "position 33: it has no proof: it was added, or its block was taken out" in problems(signed, lines)


def test_a_bundle_that_is_cut_off_or_goes_on(signed: Log, everything: Lines) -> None:
    rng = random.Random(1)
    for length in {0, 1, 2, len(everything) - 1, *rng.sample(range(len(everything)), 5)}:
        found = problems(signed, everything[:length])
        assert (
            "end: the seal is missing: the bundle was cut off" if length else "line 1: there is nothing in it"
        ) in found
    assert problems(signed, [*everything[:-1], everything[-1][:-1]])
    assert problems(signed, [*everything, b"\n"])[-1].endswith("there is something behind the seal")
    assert problems(signed, [*everything, everything[-1]])


def test_another_s_seal_doesnt_fit(signed: Log, everything: Lines) -> None:
    other = bundle(signed, Wanted(since="1", until="69"))
    assert problems(signed, [*everything[:-1], other[-1]]) == [
        "seal: the bundle isn't as it was made: lines were changed, added, taken out or put elsewhere"
    ]


def test_a_period_that_is_made_longer_or_shorter(signed: Log) -> None:
    rows = list(tree_log.rows(signed.connection, 0, 70))
    wanted = Wanted(since=rows[19].stored.isoformat(), until=rows[29].stored.isoformat())
    lines = bundle(signed, wanted)
    assert problems(signed, lines) == []
    for bound, value, said in (
        ("since", rows[10].stored, "position 19: it isn't shown to be before"),
        ("until", rows[40].stored, "position 31: it isn't shown to be after"),
        ("since", rows[25].stored, "position 20: it isn't of the period"),
        ("until", rows[25].stored, "position 27: it isn't of the period"),
    ):
        text = value.isoformat(timespec="microseconds").replace("+00:00", "Z")
        longer = [changed(lines[0], lambda head, b=bound, t=text: head["claim"].update({b: t})), *lines[1:]]  # type: ignore[misc]
        assert any(said in problem for problem in problems(signed, longer)), bound
    outlines = [n for n, line in enumerate(lines) if line.startswith(b'{"line":"outline"')]
    assert len(outlines) == 2
    for where, said in zip(outlines, ("position 19", "position 31"), strict=True):
        assert any(said in problem for problem in problems(signed, lines[:where] + lines[where + 1 :]))


def test_a_key_that_doesnt_open_is_named(signed: Log, everything: Lines) -> None:
    where = at(everything, 33)
    other = json.decode(everything[at(everything, 34)])["keys"]
    lines = [*everything]
    lines[where] = changed(lines[where], lambda line: line["keys"].__setitem__(0, other[0]))
    assert problems(signed, lines)[0] == "position 33: its sealed part 0 doesn't open with the key that is given"
    lines[where] = changed(lines[where], lambda line: line.update(keys=[]))
    assert len(problems(signed, lines)) == 1
    lines[where] = changed(lines[where], lambda line: line.update(keys=[None] * 9))
    assert "sealed parts and 9 places for keys" in problems(signed, lines)[0]


# Checkpoints


def note_at(log: Log, folder: Path) -> str:
    log.sign(folder)
    return proofs.served(log.connection).note


def test_the_checkpoint_one_kept(log: Log, folder: Path) -> None:
    log.say(*told(20))
    early = note_at(log, folder)
    log.say(*told(20))
    middle = note_at(log, folder)
    old = bundle(log)
    log.say(*told(20))
    last = note_at(log, folder)
    lines = bundle(log, Wanted(since="50", until="55", sizes=[20]))
    for kept in (early, last):
        assert problems(log, lines, kept=kept) == []
    assert "make it with --since 40" in problems(log, lines, kept=middle)[0]
    # A bundle from the first position on shows it by itself.
    assert problems(log, bundle(log), kept=middle) == []
    # An older bundle in place of a newer one.
    assert "it is older than the one you kept: of size 40, yours of 60" in problems(log, old, kept=last)[0]
    head, *rest = bundle(log)
    replayed = [changed(head, lambda line: line.update(checkpoint=middle)), *rest]
    assert "positions 1 to 60 can't be: the log is signed up to 40" in problems(log, replayed)[0]
    for broken in ("", early.replace("20", "21"), early.replace(ORIGIN, "x.example")):
        assert problems(log, lines, kept=broken)[0].startswith("the checkpoint you kept: ")


@pytest.mark.parametrize("sizes", [[], [20]])
def test_a_fork_is_named(log: Log, folder: Path, sizes: list[int]) -> None:
    log.say(*told(20))
    kept = note_at(log, folder)
    # Whoever has the database and the key signs another history.
    with log.tampering() as connection:
        connection.execute("UPDATE stored_events SET stored = stored - interval '1 s' WHERE notification_id = 1")
        for table in ("tree_tiles", "tree", "tree_checkpoints"):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608
    (folder / "default.checkpoint").unlink()
    for more in (0, 15):
        log.say(*told(more))
        log.sign(folder)
        lines = bundle(log, Wanted(sizes=sizes))
        assert problems(log, lines) == []
        assert problems(log, lines, kept=kept) == [
            "size 20: the log forked: its first events aren't those of the checkpoint you kept, though both are signed"
        ]


def test_a_checkpoint_of_another_store(signed: Log, everything: Lines, log: Log, folder: Path) -> None:
    other = Log(log.url, "other")
    other.say(*told(70))
    other.notary(folder, origin="lrs.example.org/log/other").advance(other.connection)
    theirs = proofs.served(other.connection).note
    lines = [changed(everything[0], lambda head: head.update(checkpoint=theirs)), *everything[1:]]
    assert problems(signed, lines) == [
        f"checkpoint: the checkpoint is of another log: lrs.example.org/log/other, not {ORIGIN}"
    ]
    assert problems(signed, bundle(other)) == [
        f"origin: the bundle is of another log: lrs.example.org/log/other, not {ORIGIN}"
    ]
    assert problems(signed, everything, kept=theirs)[0].startswith(
        "the checkpoint you kept: the checkpoint is of another"
    )
    # The same name, but another key.
    log.say(*told(3))
    log.sign(folder)
    assert "isn't signed by a known key" in problems(signed, bundle(log))[0]
    other.close()


def test_an_old_key_leads_to_the_new_one(log: Log, folder: Path) -> None:
    log.say(*told(3))
    kept = note_at(log, folder)
    old = key(log)
    for _ in range(2):
        keys.rotate(log.connection, "store_default", ORIGIN, MASTER)
        log.say(*told(3))
        log.sign(folder)
    lines = bundle(log)
    for one in log.verifiers():
        check = Check(one, kept if one == old else None)
        assert check.run(lines), check.problems
    without = [changed(lines[0], lambda head: head.update(endorsements=head["endorsements"][:1])), *lines[1:]]
    assert "isn't signed by a known key" in problems(log, without)[0]


@given(st.lists(st.binary(max_size=80), max_size=6))
def test_anything_else_is_no_bundle(signed: Log, lines: list[bytes]) -> None:
    check = Check(key(signed))
    assert not check.run(lines)
