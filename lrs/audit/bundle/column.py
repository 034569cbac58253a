"""Finds out which column of a row was changed, when its leaf isn't the one in the tree."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from lrs.audit.bundle.parts import parts_of
from lrs.audit.tree.leaf import LogRow
from schemas.event import STATEMENT_RECORDED

_BITS: Final = 63
_UNKNOWN: Final = "one of its columns"
_LARGEST_STATE: Final = 1 << 16
"""Bytes of a state that is tried bit by bit."""


def changed_column(row: LogRow, state: bytes, leaf: bytes, opens: Callable[[], bool]) -> str:
    """Name the column by which a row differs from what the tree holds of it, as far as it can be told.

    ``opens`` tells whether the sealed parts of a statement open: they are bound to the statement's id. One changed bit
    is always found; for more, what can't be it is ruled out.
    """
    for column, other in _one_bit_off(row, state):
        if other.leaf() == leaf:
            return column
    if row.topic != STATEMENT_RECORDED:
        return _UNKNOWN
    try:
        parts_of(row.topic, state)
    except ValueError:
        return "state"
    if row.originator_version != 1:
        return "originator_version"
    return "stored" if opens() else "state or originator_id"


def _one_bit_off(row: LogRow, state: bytes) -> Iterator[tuple[str, LogRow]]:
    for bit in range(_BITS):
        yield "originator_version", row._replace(originator_version=row.originator_version ^ 1 << bit)
    for bit in range(128):
        yield "originator_id", row._replace(originator_id=UUID(int=row.originator_id.int ^ 1 << bit))
    for bit in range(_BITS):
        for change in (1 << bit, -(1 << bit)):
            try:
                yield "stored", row._replace(stored=row.stored + timedelta(microseconds=change))
            except OverflowError:
                continue
    topic = row.topic.encode()
    for other in _flipped(topic):
        try:
            yield "topic", row._replace(topic=other.decode())
        except UnicodeDecodeError:
            continue
    if len(state) <= _LARGEST_STATE:
        for other in _flipped(state):
            yield "state", row._replace(state_digest=sha256(other).digest())


def _flipped(data: bytes) -> Iterator[bytes]:
    for at in range(len(data)):
        for bit in range(8):
            yield data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
