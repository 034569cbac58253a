"""The vectors in docs/, worked out from what docs/proof.md says, with nothing of ours."""

import json
import struct
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tlog_scales.reader import TilesReader
from tlog_scales.signing import NoteSignature, Vkey
from tlog_scales.tlog import Checkpoint, ConsistencyProof, InclusionProof

from tests.audit.tree.vectors import FILE, vectors


@pytest.fixture(scope="module")
def given() -> dict[str, Any]:
    """What the file says."""
    read: dict[str, Any] = json.loads(FILE.read_bytes())
    return read


class _Leaves:
    """One tile, for the other implementation."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._hashes = b"".join(bytes.fromhex(row["leaf_hash"]) for row in given["rows"])

    def get(self, *path: str) -> bytes | None:
        return self._hashes[: 32 * int(Path(path[-1]).name)] if path[-2].endswith(".p") else None


def test_the_file_is_what_we_make(given: dict[str, Any]) -> None:
    assert given == vectors(), "run python -m tests.audit.tree.vectors"


def test_records_entries_and_leaves(given: dict[str, Any]) -> None:
    assert {row["topic"] for row in given["rows"]} >= {"statement.recorded", "é"}
    for row in given["rows"]:
        since = datetime.fromisoformat(row["stored"]) - datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017
        topic = row["topic"].encode("utf-8")
        record = (
            b"\x01"
            + struct.pack(">Q", row["position"])
            + UUID(row["originator_id"]).bytes
            + struct.pack(">Q", row["originator_version"])
            + struct.pack(">q", since // timedelta(microseconds=1))
            + struct.pack(">H", len(topic))
            + topic
            + sha256(bytes.fromhex(row["state"])).digest()
        )
        assert record.hex() == row["record"]
        assert sha256(record).hexdigest() == row["entry"]
        assert sha256(b"\0" + bytes.fromhex(row["entry"])).hexdigest() == row["leaf_hash"]


def test_roots_and_proofs(given: dict[str, Any]) -> None:
    for size, root in given["roots"].items():
        reader = TilesReader(_Leaves(given))
        reader.set_size(int(size))
        assert reader.calculate_root_hash().hex() == root
    root_of = {int(size): bytes.fromhex(root) for size, root in given["roots"].items()}
    for one in given["inclusion"]:
        leaf = bytes.fromhex(given["rows"][one["index"]]["leaf_hash"])
        hashes = [bytes.fromhex(hash_) for hash_ in one["hashes"]]
        InclusionProof(one["index"], one["size"], hashes).check(leaf, root_of[one["size"]])
    for one in given["consistency"]:
        hashes = [bytes.fromhex(hash_) for hash_ in one["hashes"]]
        ConsistencyProof(one["from"], one["to"], hashes).check(root_of[one["from"]], root_of[one["to"]])


def test_keys_and_notes(given: dict[str, Any]) -> None:
    for key in given["keys"]:
        public = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key["seed"])).public_key().public_bytes_raw()
        assert Vkey.from_string(key["vkey"]).pubkey == public
        assert Vkey("lrs.example.org/log/default", None, 1, public).serialize() == key["vkey"]  # type: ignore[no-untyped-call]
    old, new = (Vkey.from_string(key["vkey"]) for key in given["keys"])
    checkpoint = Checkpoint.from_text(given["checkpoint"])
    checkpoint.verify(old)
    assert checkpoint.root_hash.hex() == given["roots"][str(checkpoint.size)]
    text, signatures = given["endorsement"].split("\n\n")
    lines = text.split("\n")
    assert lines == ["vliegwiel key rotation v1", checkpoint.origin, given["keys"][0]["vkey"], given["keys"][1]["vkey"]]
    for key, line in zip((old, new), signatures.splitlines(), strict=True):
        signature = NoteSignature.from_line(line)
        assert key.match(signature)
        key.get_verifier().key.verify(signature.payload, f"{text}\n".encode())  # type: ignore[attr-defined]
