"""Writes ``docs/proof-vectors.json``, for those who implement it themselves: ``python -m tests.audit.tree.vectors``."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from msgspec import json

from lrs.audit.tree.checkpoint import Checkpoint
from lrs.audit.tree.keys import rotation_text
from lrs.audit.tree.leaf import LogRow
from lrs.audit.tree.note import Signer, signed_note
from lrs.audit.tree.proof import consistency, inclusion
from lrs.audit.tree.tile import Edge, Nodes

FILE: Final = Path(__file__).parents[3] / "docs" / "proof-vectors.json"
ORIGIN: Final = "lrs.example.org/log/default"
_TOPICS: Final = ("statement.recorded", "organisation.changed", "document.changed", "é")
_ROWS: Final = 11


def vectors() -> dict[str, Any]:
    """Give what the file holds."""
    rows, edge, roots = [], Edge(), {"0": Edge().root().hex()}
    for position in range(1, _ROWS + 1):
        row, state = _row(position)
        edge.add(row.leaf())
        roots[str(position)] = edge.root().hex()
        rows.append(
            {
                "position": position,
                "originator_id": str(row.originator_id),
                "originator_version": row.originator_version,
                "stored": row.stored.isoformat(timespec="microseconds").replace("+00:00", "Z"),
                "topic": row.topic,
                "state": state.hex(),
                "record": row.record().hex(),
                "entry": row.entry().hex(),
                "leaf_hash": row.leaf().hex(),
            }
        )
    (tile,) = edge.take()
    hash_of = Nodes(lambda _level, _number: tile.hashes).hash_of
    old, new = (Signer(ORIGIN, bytes([number]) * 32) for number in (1, 2))
    return {
        "about": "docs/proof.md says what these are. Bytes are in hexadecimal digits.",
        "rows": rows,
        "roots": roots,
        "inclusion": [
            {"index": index, "size": size, "hashes": [one.hex() for one in inclusion(index, size, hash_of)]}
            for index, size in ((0, 1), (0, 7), (6, 7), (3, 8), (8, 11), (10, 11))
        ],
        "consistency": [
            {"from": first, "to": last, "hashes": [one.hex() for one in consistency(first, last, hash_of)]}
            for first, last in ((1, 2), (3, 7), (4, 7), (6, 8), (7, 11), (8, 11), (11, 11))
        ],
        "keys": [{"seed": (bytes([at]) * 32).hex(), "vkey": str(key.verifier)} for at, key in ((1, old), (2, new))],
        "checkpoint": str(signed_note(Checkpoint(ORIGIN, _ROWS, edge.root()).text(), [old])),
        "endorsement": str(signed_note(rotation_text(ORIGIN, old.verifier, new.verifier), [old, new])),
    }


def _row(position: int) -> tuple[LogRow, bytes]:
    state = sha256(str(position).encode()).digest() * (position % 3)
    stored = datetime(2026, 1, 31, 23, 59, 59, 999_990, tzinfo=UTC) + timedelta(microseconds=7 * position)
    id_ = UUID(bytes=sha256(b"id %d" % position).digest()[:16], version=4)
    topic = _TOPICS[position % len(_TOPICS)]
    return LogRow(position, id_, 1 + position // 5, stored, topic, sha256(state).digest()), state


def main() -> None:
    """Write the file."""
    FILE.write_bytes(json.format(json.encode(vectors())) + b"\n")


if __name__ == "__main__":
    main()
