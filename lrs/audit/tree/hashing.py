"""The hashes of a Merkle tree: RFC 6962, section 2.1, with SHA-256."""

from collections.abc import Iterable, Sequence
from functools import reduce
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
"""Root of a tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """Give the hash of a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of the node above two others."""
    return sha256(b"\x01" + left + right).digest()


def full_root(hashes: Sequence[bytes]) -> bytes:
    """Give the hash of the subtree over as many hashes as a power of two."""
    while len(hashes) > 1:
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in zip(*[iter(hashes)] * 2, strict=True)]
    return hashes[0]


def joined(subtrees: Iterable[bytes]) -> bytes:
    """Give the root over complete subtrees that lie beside each other, the largest first."""
    ordered = list(subtrees)
    return reduce(lambda right, left: node_hash(left, right), reversed(ordered[:-1]), ordered[-1])
