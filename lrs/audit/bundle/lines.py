"""What a bundle is made of: lines of JSON, each in the one way that it can be written. ``docs/proof.md`` tells it."""

from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec
from msgspec import Struct, json

from lrs.audit.tree.leaf import LogRow
from lrs.statement import in_utc

FORMAT: Final = "vliegwiel bundle v1"
BLOCK: Final = 16
"""Leaves of a block: their hashes share one proof, so that a changed event is named and not only noticed."""
Kind = Literal["all", "period", "learner", "training"]


class Claim(Struct, frozen=True, omit_defaults=True):
    """What a bundle holds."""

    kind: Kind
    first: int
    """Of the positions it is about."""
    last: int
    whole: bool
    """Whether every event from ``first`` to ``last`` is in it, so that nothing can have been left out."""
    since: str | None = None
    """Of a period given in time: every event stored from then…"""
    until: str | None = None
    """… up to then."""
    learners: tuple[UUID, ...] = ()
    keys: tuple[UUID, ...] = ()
    """Ids of the learners' keys: an event is about them if it is theirs or anything in it is sealed under these."""
    training: str | None = None


class Consistency(Struct, frozen=True):
    """That the signed tree begins with that of an earlier size."""

    size: int
    root: bytes
    hashes: tuple[bytes, ...]


class Head(Struct, frozen=True, tag_field="line", tag="head"):
    """The first line."""

    format: str
    origin: str
    claim: Claim
    checkpoint: str
    """Signed note: what everything in the bundle leads to."""
    endorsements: tuple[str, ...]
    """By which keys vouch for the next, oldest first."""
    consistency: tuple[Consistency, ...]


class Block(Struct, frozen=True, tag_field="line", tag="block"):
    """The leaf hashes of positions 16 ``number`` + 1 to 16 ``number`` + 16, as far as the tree goes, with a proof."""

    number: int
    hashes: bytes
    path: tuple[bytes, ...]
    """Inclusion proof of the hash over them: as of leaf ``number`` in a tree whose leaves are these blocks."""


class Event(Struct, frozen=True, tag_field="line", tag="event"):
    """An event as the log holds it. It comes after its block."""

    position: int
    id: UUID
    version: int
    stored: str
    topic: str
    state: bytes
    keys: tuple[bytes | None, ...] = ()
    """Of a statement that is opened: the AES-256 key of its text and of each mention, as far as they are given."""


class Outline(Struct, frozen=True, tag_field="line", tag="outline"):
    """That there is an event, without what it says: beside a period, to show that it begins and ends there."""

    position: int
    id: UUID
    version: int
    stored: str
    topic: str
    state_sha256: bytes


class Seal(Struct, frozen=True, tag_field="line", tag="seal"):
    """The last line: a note, signed by the log's key, over all lines before it."""

    note: str


Line = Head | Block | Event | Outline | Seal
_decode: Final = json.Decoder(Line).decode
_encode: Final = json.Encoder().encode


class BadLine(ValueError):
    """A line isn't as a bundle has it; the message says how."""


def write(line: Line) -> bytes:
    """Write a line."""
    return _encode(line) + b"\n"


def read(written: bytes) -> Line:
    """Read a line. Raises BadLine also for what could be written otherwise: no bit of a bundle is free to change."""
    try:
        line: Line = _decode(written)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadLine(f"it isn't a line of a bundle: {error}") from None
    if write(line) != written:
        raise BadLine("it is written in another way than bundles are")
    return line


def seal_text(origin: str, lines: int, digest: bytes) -> str:
    """Give what the seal signs: its first line makes it unlike any checkpoint."""
    return f"{FORMAT}\n{origin}\n{lines}\n{digest.hex()}\n"


def moment(written: str) -> datetime:
    """Read a moment of a line. Raises BadLine."""
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None or in_utc(read) != written:
        raise BadLine(f"{written[:100]!r} is no time such as 2026-01-31T09:00:00.000000Z")
    return read


def row_of(line: Event | Outline, digest: bytes) -> LogRow:
    """Give the row of the log that a line tells. Raises BadLine for what no row can hold."""
    if not (1 <= line.position < 2**63 and 1 <= line.version < 2**63 and len(line.topic.encode()) < 2**16):
        raise BadLine("it has a position, version or topic that no event has")
    if len(digest) != 32:
        raise BadLine("a SHA-256 has 32 bytes")
    return LogRow(line.position, line.id, line.version, moment(line.stored), line.topic, digest)
