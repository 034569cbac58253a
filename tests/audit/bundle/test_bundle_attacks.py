"""A small bundle is attacked at every byte, line and value, also by whoever has the log's key and seals it again.

Every time the check names a problem; it never breaks off, and never says that all is well.
"""

import gzip
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from typer.testing import CliRunner

from lrs.audit.bundle.chosen import Wanted
from lrs.audit.bundle.lines import Seal, seal_text, write
from lrs.audit.tree import keys, proofs, tree_log
from lrs.audit.tree.note import Signer, signed_note
from lrs.cli.audit import app
from tests.audit.bundle.given import Lines, bundle, changed, problems, told
from tests.audit.tree.given import ORIGIN, Log
from tests.databases import Databases
from tests.store.conftest import MASTER

_DEEP: Final = 100_000
_VALUES: Final[tuple[Any, ...]] = (
    *(None, True, 0, -1, 2**63, 2**64, 1e308, "", "x", "AAAA", "\n\x1b[2J", [], {}, [[]], [None] * 3),
    *("x" * 100_000, [""] * 10_000),
)
"""Values that are another type, out of range, or too large."""


class Small(NamedTuple):
    """A log that was signed with two keys, and a bundle of a period of it."""

    log: Log
    old: str
    """An earlier checkpoint, of size 20."""
    lines: Lines
    """head, block, outline, event 16, block, events 17 and 18, outline, seal."""

    def sealed(self, lines: Lines) -> Lines:
        """These lines with a seal that fits, as only the log's key can make it."""
        schema, made = f"store_{self.log.store}", keys.keys(self.log.connection)
        signer: Signer = keys.signer(self.log.connection, schema, ORIGIN, MASTER, made)
        text = seal_text(ORIGIN, len(lines), sha256(b"".join(lines)).digest())
        return [*lines, write(Seal(str(signed_note(text, [signer]))))]


def _made(log: Log, folder: Path) -> Small:
    log.say(*told(20))
    log.sign(folder)
    old = proofs.served(log.connection).note
    keys.rotate(log.connection, f"store_{log.store}", ORIGIN, MASTER)
    log.say(*told(20))
    log.sign(folder)
    rows = list(tree_log.rows(log.connection, 0, 40))
    period = Wanted(since=rows[15].stored.isoformat(), until=rows[17].stored.isoformat(), sizes=[20])
    return Small(log, old, bundle(log, period, opening=True))


@pytest.fixture(scope="module")
def small(databases: Databases, ready: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    log = Log(databases.copy(ready, "audit_small"))
    yield _made(log, tmp_path_factory.mktemp("notary"))
    log.close()


@pytest.fixture(scope="module")
def other(databases: Databases, ready: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """Another log that calls itself the same."""
    log = Log(databases.copy(ready, "audit_small_other"))
    yield _made(log, tmp_path_factory.mktemp("notary"))
    log.close()


def kinds(lines: Lines) -> list[str]:
    return [json.loads(line)["line"] for line in lines]


def split(whole: bytes) -> Lines:
    return whole.splitlines(keepends=True)


def test_it_is_whole(small: Small) -> None:
    assert problems(small.log, small.lines) == []
    assert problems(small.log, small.sealed(small.lines[:-1])) == []
    outlined = ["head", "block", "outline", "event", "block", "event", "event", "outline", "seal"]
    assert kinds(small.lines) == outlined


def test_a_flipped_bit_in_every_other_byte(small: Small) -> None:
    whole = b"".join(small.lines)
    for at in range(0, len(whole), 2):
        flipped = whole[:at] + bytes([whole[at] ^ 1 << at // 2 % 8]) + whole[at + 1 :]
        assert problems(small.log, split(flipped)), at


def test_a_byte_less_or_more(small: Small) -> None:
    whole = b"".join(small.lines)
    for at in range(0, len(whole), 7):
        assert problems(small.log, split(whole[:at] + whole[at + 1 :])), at
        assert problems(small.log, split(whole[:at] + b" " + whole[at:])), at


def test_cut_off_anywhere(small: Small) -> None:
    whole = b"".join(small.lines)
    ends = [sum(map(len, small.lines[:number])) for number in range(len(small.lines))]
    for length in (*ends, *(end + 1 for end in ends), *(end - 1 for end in ends if end), *range(0, len(whole), 41)):
        assert problems(small.log, split(whole[:length])), length
    assert problems(small.log, split(whole[:-1]))


@pytest.mark.parametrize("again", [False, True], ids=["as it was", "sealed again"])
def test_lines_taken_out_repeated_and_swapped(small: Small, again: bool) -> None:
    lines = small.lines[:-1]
    changes = {
        f"{what} {at}": changes
        for at in range(len(lines))
        for what, changes in (
            ("without", lines[:at] + lines[at + 1 :]),
            ("twice", [*lines[:at], lines[at], *lines[at:]]),
            ("at the end", [*lines[:at], *lines[at + 1 :], lines[at]]),
            ("swapped", [*lines[:at], *lines[at + 1 : at + 2], lines[at], *lines[at + 2 :]]),
        )
        if changes != lines
    }
    for what, change in changes.items():
        found = problems(small.log, small.sealed(change) if again else [*change, small.lines[-1]])
        assert found, what
        if again:
            assert all(line.startswith(("position", "line", "size")) for line in found), (what, found)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from _places(one, (*path, key))


def test_every_value_is_something_else(small: Small) -> None:
    for number, line in enumerate(small.lines):
        for path in _places(json.loads(line)):
            for value in _VALUES:

                def put(read: Any, path: tuple[Any, ...] = path, value: Any = value) -> None:
                    for key in path[:-1]:
                        read = read[key]
                    read[path[-1]] = value

                wrong = changed(line, put)
                if wrong == line:
                    continue
                lines = [*small.lines]
                lines[number] = wrong
                assert problems(small.log, lines), (number, path, value)
                # What an operator may say: whether it is accepted depends, but it is looked at to the end.
                problems(small.log, small.sealed(lines[:-1]))


@pytest.mark.parametrize("again", [False, True], ids=["as it was", "sealed again"])
def test_stitched_of_two_logs(small: Small, other: Small, again: bool) -> None:
    for at in range(len(small.lines) - 1):
        lines = [*small.lines]
        lines[at] = other.lines[at]
        assert problems(small.log, small.sealed(lines[:-1]) if again else lines), at
        lines = [*small.lines[:at], *other.lines[at:]]
        assert problems(small.log, small.sealed(lines[:-1]) if again else lines), at
    assert "isn't signed by a known key" in problems(small.log, other.lines)[0]


def test_an_old_checkpoint_with_newer_events(small: Small) -> None:
    head = changed(small.lines[0], lambda read: read.update(checkpoint=small.old))
    found = problems(small.log, small.sealed([head, *small.lines[1:-1]]))
    assert "positions 17 to 20: there are more or fewer hashes of this block than it has events" in found
    assert any(line.startswith("positions 1 to 16: these events, or their proof, aren't") for line in found)


def test_proofs_and_keys_that_changed_places(small: Small) -> None:
    blocks = [number for number, kind in enumerate(kinds(small.lines)) if kind == "block"]
    events = [number for number, kind in enumerate(kinds(small.lines)) if kind == "event"]
    for field, (one, two), said in (
        ("path", blocks, "positions 1 to 16: these events, or their proof"),
        ("hashes", blocks, "positions 1 to 16: these events, or their proof"),
        ("number", blocks, "line 5: block 0 doesn't come after block 1"),
        ("state", events[:2], "position 16: this isn't the event that was signed"),
        ("id", events[1:], "position 17: this isn't the event that was signed"),
        ("stored", events[1:], "position 17: this isn't the event that was signed"),
        ("keys", events[1:], "position 17: its sealed part 0 doesn't open"),
        ("position", events[1:], "position 18: this isn't the event that was signed"),
    ):
        lines = small.lines[:-1]
        values = json.loads(lines[one])[field], json.loads(lines[two])[field]
        for at, value in zip((two, one), values, strict=True):
            lines[at] = changed(lines[at], lambda read, field=field, value=value: read.update({field: value}))  # type: ignore[misc]
        found = problems(small.log, small.sealed(lines))
        assert any(line.startswith(said) for line in found), (field, found)


def _check(path: Path, key: str) -> tuple[int, list[str]]:
    """The exit code of `lrs audit check` and what it prints."""
    done = CliRunner().invoke(app, ["check", str(path), "--key", key])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output.splitlines()


def test_what_is_no_bundle_at_all(small: Small, tmp_path: Path) -> None:
    whole = b"".join(small.lines)
    key = str(small.log.verifiers()[0])
    seal_of = b'{"line":"seal","note":%s}\n'
    for content in (
        *(b"", b"\n", b"\x00" * 5_000, b"\xff\xfe", b"null\n", b"[]\n", b"{}\n" * 5_000, b"\xef\xbb\xbf" + whole),
        *(whole.replace(b"\n", b"\r\n"), gzip.compress(whole), whole * 2, whole[::-1]),
        b"[" * _DEEP,
        b'{"line":' * _DEEP,
        b'{"more":' + b"[" * _DEEP + b"]" * _DEEP + b"," + small.lines[0][1:],
        *(small.lines[0] + seal_of % note for note in (b'"' + b"x" * _DEEP + b'"', b"[" * _DEEP, b'"\\ud800"')),
    ):
        (tmp_path / "b").write_bytes(content)
        code, said = _check(tmp_path / "b", key)
        assert code == 1, content[:50]
        assert said, content[:50]
        assert "All is as it was signed." not in said, content[:50]
    (tmp_path / "b").write_bytes(whole)
    assert _check(tmp_path / "b", key)[0] == 0
    assert _check(tmp_path, key)[0] == 2


def test_a_bundle_commands_no_terminal(small: Small, tmp_path: Path) -> None:
    hostile = "\x1b[2J\nAll is as it was signed."
    key = str(small.log.verifiers()[0])
    for head in (
        changed(small.lines[0], lambda read: read["claim"].update(training=hostile)),
        changed(small.lines[0], lambda read: read.update(origin=hostile)),
        changed(small.lines[0], lambda read: read.update(format=hostile)),
    ):
        (tmp_path / "b").write_bytes(b"".join([head, *small.lines[1:]]))
        code, said = _check(tmp_path / "b", key)
        assert code == 1
        assert not any("\x1b" in line or line == "All is as it was signed." for line in said)
