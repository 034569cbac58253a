"""Trees and proofs, beside an implementation that isn't ours (tlog-scales)."""

from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader

from lrs.audit.tree.hashing import EMPTY_ROOT, leaf_hash
from lrs.audit.tree.proof import BadProof, check_consistency, check_inclusion, consistency, inclusion
from lrs.audit.tree.tile import WIDTH, Edge, MissingTile, Nodes, Tile, TileName, parse_path, partial_tiles, path_of

MOST = 70_000
LEAVES = [leaf_hash(number.to_bytes(4)) for number in range(MOST)]


class Kept:
    """Tiles as a tree leaves them behind, grown in steps."""

    def __init__(self) -> None:
        self.edge = Edge()
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.roots = {0: EMPTY_ROOT}

    def grow(self, *sizes: int) -> "Kept":
        for size in sizes:
            # As after a crash: from the tiles alone.
            edge = Edge(self.edge.size, [self._tile(name) for name in partial_tiles(self.edge.size)])
            for leaf in LEAVES[edge.size : size]:
                edge.add(leaf)
            for tile in edge.take():
                before = self.tiles.get((tile.level, tile.number), b"")
                assert tile.hashes.startswith(before)
                self.tiles[tile.level, tile.number] = tile.hashes
            self.edge = edge
            self.roots[size] = edge.root()
        return self

    def hash_of(self, start: int, end: int) -> bytes:
        return Nodes(lambda level, index: self.tiles.get((level, index), b"")).hash_of(start, end)

    def write(self, folder: Path) -> None:
        """Write the tiles as files, named as they are served."""
        for (level, index), hashes in self.tiles.items():
            file = folder / "tile" / path_of(TileName(level, index, len(hashes) // 32))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(hashes)

    def _tile(self, name: TileName) -> Tile:
        assert name.level is not None
        return Tile(name.level, name.number, self.tiles[name.level, name.number])


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 511, 65_535, 65_536, 65_537, 70_000])
def test_another_implementation_reads_our_tiles_and_finds_the_same_root_and_proofs(size: int, tmp_path: Path) -> None:
    kept = Kept().grow(size)
    kept.write(tmp_path)
    reader = TilesReader(LocalBackend(tmp_path))
    reader.set_size(size)
    assert reader.calculate_root_hash() == kept.edge.root() == kept.hash_of(0, size)
    for index in {0, 1, size // 3, size // 2, size - 1} & set(range(size)):
        theirs = reader.get_inclusion_proof(index, size)
        assert inclusion(index, size, kept.hash_of) == theirs.node_hashes
        theirs.check(LEAVES[index], kept.edge.root())
    for old in {0, 1, size // 3, size // 2, size - 1, size}:
        shorter = Kept().grow(old).edge.root()
        made = consistency(old, size, kept.hash_of)
        if old > 0:
            assert made == reader.get_consistency_proof(old, size).node_hashes
            reader.get_consistency_proof(old, size).check(shorter, kept.edge.root())
        check_consistency(old, shorter, size, kept.edge.root(), made)


@settings(max_examples=60)
@given(st.lists(st.integers(0, 1_200), min_size=1, max_size=6), st.data())
def test_a_tree_grown_in_any_steps_proves_all_it_holds(steps: list[int], data: st.DataObject) -> None:
    sizes = sorted({*steps, 1})
    kept = Kept().grow(*sizes)
    assert kept.edge.root() == Kept().grow(sizes[-1]).edge.root()
    for old in sizes:
        for new in sizes:
            if old <= new:
                proof = consistency(old, new, kept.hash_of)
                check_consistency(old, kept.roots[old], new, kept.roots[new], proof)
    index = data.draw(st.integers(0, sizes[-1] - 1))
    proof = inclusion(index, sizes[-1], kept.hash_of)
    check_inclusion(LEAVES[index], index, sizes[-1], proof, kept.edge.root())


@settings(max_examples=60)
@given(st.integers(2, 600), st.data())
def test_what_is_changed_proves_nothing(size: int, data: st.DataObject) -> None:
    kept = Kept().grow(size)
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size - 1))
    root, old_root = kept.edge.root(), Kept().grow(old).edge.root()
    proof, between = inclusion(index, size, kept.hash_of), consistency(old, size, kept.hash_of)

    for wrong in (proof[:-1], [*proof, root], *_flipped(proof, data)):
        with pytest.raises(BadProof):
            check_inclusion(LEAVES[index], index, size, wrong, root)
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index))
    for leaf, number in ((LEAVES[other], index), (LEAVES[index], other), (LEAVES[index], size)):
        with pytest.raises(BadProof):
            check_inclusion(leaf, number, size, proof, root)

    for wrong in (between[:-1], [*between, root], *_flipped(between, data)):
        with pytest.raises(BadProof):
            check_consistency(old, old_root, size, root, wrong)
    for first, second in ((root, root), (old_root, old_root)):
        with pytest.raises(BadProof):
            check_consistency(old, first, size, second, between)
    with pytest.raises(BadProof):
        check_consistency(size, root, old, old_root, between)


def _flipped(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    at = data.draw(st.integers(0, len(proof) - 1))
    bit = data.draw(st.integers(0, 255))
    flipped = (int.from_bytes(proof[at]) ^ 1 << bit).to_bytes(32)
    return [[*proof[:at], flipped, *proof[at + 1 :]]]


def test_a_size_has_one_root_only() -> None:
    check_consistency(3, LEAVES[0], 3, LEAVES[0], [])
    with pytest.raises(BadProof, match="two different roots"):
        check_consistency(3, LEAVES[0], 3, LEAVES[1], [])
    with pytest.raises(BadProof, match="two different roots"):
        check_consistency(0, LEAVES[0], 3, LEAVES[1], [])


def test_a_missing_or_short_tile_is_named() -> None:
    with pytest.raises(ValueError, match=r"0/000\.p/7"):
        Edge(7)
    with pytest.raises(ValueError, match=r"0/000\.p/7"):
        Edge(7, [Tile(0, 0, b"".join(LEAVES[:6]))])
    kept = Kept().grow(600)
    kept.tiles[0, 1] = kept.tiles[0, 1][:-32]
    with pytest.raises(MissingTile, match="0/001"):
        inclusion(510, 600, kept.hash_of)


def test_tiles_have_one_address() -> None:
    # The example of C2SP tlog-tiles.
    assert path_of(TileName(0, 1_234_067, WIDTH)) == "0/x001/x234/067"
    assert list(partial_tiles(70_000)) == [TileName(0, 273, 112), TileName(1, 1, 17), TileName(2, 0, 1)]
    assert list(partial_tiles(256)) == [TileName(1, 0, 1)]
    for name in (TileName(0, 0, 1), TileName(1, 999, WIDTH), TileName(2, 1_000, 255), TileName(None, 5, 7)):
        assert parse_path(path_of(name)) == name
    for path in (
        "0/5",
        "0/005.p/0",
        "0/005.p/256",
        "0/005.p/999",
        "0/x000/005",
        "00/005",
        "x/005",
        "0/x05/005",
        "0/005/",
    ):
        assert parse_path(path) is None


def test_leaves_and_nodes_are_told_apart() -> None:
    assert sha256(b"").digest() == EMPTY_ROOT
    assert leaf_hash(b"") == sha256(b"\0").digest()
