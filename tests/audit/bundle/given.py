"""Bundles of a log, and what tests do to them."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lrs.audit.bundle.check import Check
from lrs.audit.bundle.chosen import Wanted, choose
from lrs.audit.bundle.export import Export
from lrs.audit.reading import opened
from tests.audit.tree.given import Log
from tests.store.conftest import MASTER
from tests.store.given import person, statement

Lines = list[bytes]
COURSE = "http://example.org/activities/course"
EARLIEST, LATEST = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"
"""Times that can't be told in UTC."""


def told(count: int) -> list[dict[str, Any]]:
    """Statements of a few persons; every third mentions an instructor."""
    return [
        statement(
            f"p{number % 5}",
            "course" if number % 4 else "other",
            **({"context": {"instructor": person(f"p{(number + 1) % 5}")}} if number % 3 == 0 else {}),
        )
        for number in range(count)
    ]


def bundle(log: Log, wanted: Wanted | None = None, *, opening: bool = False) -> Lines:
    """A bundle of the log."""
    with opened(log.url, log.store, MASTER) as (cursor, messages):
        chosen = choose(cursor, messages, wanted or Wanted())
        return list(Export(cursor, messages, MASTER, chosen, opening=opening).lines())


def checked(log: Log, lines: Sequence[bytes], **more: Any) -> Check:
    """The check of a bundle with the log's first key."""
    check = Check(log.verifiers()[0], **more)
    check.run(lines)
    return check


def problems(log: Log, lines: Sequence[bytes], **more: Any) -> list[str]:
    """What is wrong with it."""
    return [str(problem) for problem in checked(log, lines, **more).problems]


def changed(line: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """A line in which something is another, written as bundles are."""
    read = json.loads(line)
    change(read)
    return json.dumps(read, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def at(lines: Lines, position: int) -> int:
    """Where in a bundle the event at a position is."""
    (found,) = [
        number for number, line in enumerate(lines) if line.startswith(b'{"line":"event","position":%d,' % position)
    ]
    return found


def write(lines: Lines, path: Path) -> Path:
    path.write_bytes(b"".join(lines))
    return path
