"""Inclusion and consistency proofs. Making: RFC 6962, 2.1.1 and 2.1.2; checking: RFC 9162, 2.1.3.2 and 2.1.4.2."""

from collections.abc import Callable, Sequence

from lrs.audit.tree.hashing import EMPTY_ROOT, node_hash

HashOf = Callable[[int, int], bytes]
"""Gives the tree hash of the leaves from a number up to before another."""


class BadProof(Exception):
    """A proof doesn't prove what it should; the message says what."""


def inclusion(index: int, size: int, hash_of: HashOf) -> list[bytes]:
    """Prove that a leaf is in the tree of this size, the leaf's sibling first. ``index`` counts from 0."""
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(hash_of(middle, end))
            end = middle
        else:
            path.append(hash_of(start, middle))
            start = middle
    return path[::-1]


def consistency(old: int, new: int, hash_of: HashOf) -> list[bytes]:
    """Prove that the tree of size ``new`` begins with that of size ``old``; from 0, or to itself, needs no proof."""
    path: list[bytes] = []
    if not 0 < old < new:
        return path
    start, end = 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(hash_of(middle, end))
            end = middle
        else:
            path.append(hash_of(start, middle))
            start = middle
    if start:  # the old tree isn't a subtree of the new one: its last part is needed to make its root
        path.append(hash_of(start, end))
    return path[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf's hash is in a tree. Raises BadProof."""
    if not 0 <= index < size:
        raise BadProof(f"leaf {index} can't be in a tree of size {size}")
    number, last, hash_ = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise BadProof("the inclusion proof is too long")
        if number & 1 or number == last:
            hash_ = node_hash(sibling, hash_)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            hash_ = node_hash(hash_, sibling)
        number, last = number >> 1, last >> 1
    if last:
        raise BadProof("the inclusion proof is too short")
    if hash_ != root:
        raise BadProof("the inclusion proof leads to another root")


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that one tree begins with another. Raises BadProof."""
    if not 0 <= old <= new:
        raise BadProof(f"a tree of size {new} can't begin with one of size {old}")
    if old in {0, new}:
        if proof:
            raise BadProof("the consistency proof should be empty")
        if old_root != (new_root if old == new else EMPTY_ROOT):
            raise BadProof(f"there are two different roots for size {old}")
        return
    before, after = _roots(old, new, [old_root, *proof] if old & (old - 1) == 0 else list(proof))
    if before != old_root:
        raise BadProof(f"the consistency proof doesn't begin with the root of size {old}")
    if after != new_root:
        raise BadProof(f"the consistency proof doesn't lead to the root of size {new}")


def _roots(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Give the two roots that a consistency proof leads to; it begins with a subtree that both trees have."""
    if not path:
        raise BadProof("the consistency proof is too short")
    number, last = old - 1, new - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    before = after = path[0]
    for hash_ in path[1:]:
        if last == 0:
            raise BadProof("the consistency proof is too long")
        if number & 1 or number == last:
            before, after = node_hash(hash_, before), node_hash(hash_, after)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            after = node_hash(after, hash_)
        number, last = number >> 1, last >> 1
    if last:
        raise BadProof("the consistency proof is too short")
    return before, after


def _split(leaves: int) -> int:
    """Give the largest power of two below a number."""
    return 1 << (leaves - 1).bit_length() - 1
