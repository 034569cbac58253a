"""What a leaf of the tree commits to, to the byte. ``docs/proof.md`` tells it to others."""

import struct
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

from lrs.audit.tree.hashing import leaf_hash

VERSION: Final = 1
_HEAD: Final = struct.Struct(">BQ16sQqH")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class LogRow(NamedTuple):
    """A row of the log, with the SHA-256 of its state in place of the state.

    So that it can be shown that there is an event, and which, without what it says.
    """

    position: int
    originator_id: UUID
    originator_version: int
    stored: datetime
    topic: str
    state_digest: bytes

    def record(self) -> bytes:
        """Give the row as bytes: version, position, originator id and version, stored, length of topic, topic, digest.

        Whole numbers are big-endian; ``stored`` is microseconds since 1970-01-01T00:00:00Z.
        """
        topic = self.topic.encode()
        head = _HEAD.pack(
            VERSION,
            self.position,
            self.originator_id.bytes,
            self.originator_version,
            microseconds(self.stored),
            len(topic),
        )
        return head + topic + self.state_digest

    def entry(self) -> bytes:
        """Give what the tree holds of the row: the SHA-256 of its record, which tells nothing about it."""
        return sha256(self.record()).digest()

    def leaf(self) -> bytes:
        """Give the hash of the row's leaf, which is number ``position`` - 1."""
        return leaf_hash(self.entry())


def microseconds(moment: datetime) -> int:
    """Give the microseconds since 1970-01-01T00:00:00Z, exactly."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
