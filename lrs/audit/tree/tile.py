"""Tiles: how the tree is kept and served. Source: C2SP tlog-tiles (https://c2sp.org/tlog-tiles)."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from lrs.audit.tree.hashing import EMPTY_ROOT, HASH_BYTES, full_root, joined

WIDTH: Final = 256
"""Hashes of a full tile."""
_HEIGHT: Final = 8
_PATH: Final = re.compile(r"(entries|[0-9]{1,2})((?:/x[0-9]{3})*/[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_MOST_INDEX: Final = 2**55
_REMEMBERED_TILES: Final = 256
_REMEMBERED_HASHES: Final = 16_384


class Tile(NamedTuple):
    """A tile by its place: ``number`` counts within its level. Level 0 holds the hashes of leaves."""

    level: int
    number: int
    hashes: bytes
    """At most 256, one after the other."""


class TileName(NamedTuple):
    """What a path names: a tile of a level, or of entries where ``level`` is None; ``width`` is 256 of a full one."""

    level: int | None
    number: int
    width: int


def parse_path(path: str) -> TileName | None:
    """Read a path such as ``0/x001/234`` or ``entries/067.p/12``; None if it is none."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    level, index, width = found.groups()
    number = int(index.replace("/", "").replace("x", ""))
    name = TileName(None if level == "entries" else int(level), number, int(width or WIDTH))
    # One tile, one address: no other spelling of it.
    return name if number < _MOST_INDEX and name.width <= WIDTH and path_of(name) == path else None


def path_of(name: TileName) -> str:
    """Give the path of a tile below ``tile/``."""
    level = "entries" if name.level is None else str(name.level)
    digits = str(name.number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([level, *(f"x{group}" for group in groups[:-1]), groups[-1]])
    return path if name.width == WIDTH else f"{path}.p/{name.width}"


def partial_tiles(size: int) -> Iterator[TileName]:
    """Give the tiles at the right edge of a tree of this size that aren't full, from the lowest level up."""
    level = 0
    while size >> (_HEIGHT * level):
        if width := (size >> (_HEIGHT * level)) % WIDTH:
            yield TileName(level, size >> (_HEIGHT * (level + 1)), width)
        level += 1


class Edge:
    """The right edge of a tree: the tiles that aren't full. It is all that is needed to grow the tree."""

    def __init__(self, size: int = 0, partial: Iterable[Tile] = ()) -> None:
        """Begin at a size, with the tiles of ``partial_tiles``. Raises ValueError if they aren't these."""
        self.size = size
        self._levels: list[list[bytes]] = []
        self._full: list[Tile] = []
        tiles = {tile.level: tile for tile in partial}
        for name in partial_tiles(size):
            tile = tiles.get(name.level or 0)
            if tile is None or len(tile.hashes) != name.width * HASH_BYTES:
                raise ValueError(f"the tile {path_of(name)} isn't there as a tree of size {size} has it")
            self._level(tile.level).extend(split(tile.hashes))

    def add(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        self.size += 1
        level, hash_ = 0, leaf
        while True:
            tile = self._level(level)
            tile.append(hash_)
            if len(tile) < WIDTH:
                return
            # A partial tile isn't hashed into the level above: only now does it count there.
            self._full.append(Tile(level, (self.size >> (_HEIGHT * (level + 1))) - 1, b"".join(tile)))
            hash_ = full_root(tile)
            tile.clear()
            level += 1

    def take(self) -> list[Tile]:
        """Give the tiles that became full since the last call, and those at the edge as they are now."""
        full, self._full = self._full, []
        return full + [
            Tile(level, self.size >> (_HEIGHT * (level + 1)), b"".join(tile))
            for level, tile in enumerate(self._levels)
            if tile
        ]

    def root(self) -> bytes:
        """Give the root of the tree."""
        subtrees: list[bytes] = []
        for tile in reversed(self._levels):
            start = 0
            for bit in reversed(range(_HEIGHT)):
                if len(tile) >> bit & 1:
                    subtrees.append(full_root(tile[start : start + (1 << bit)]))
                    start += 1 << bit
        return joined(subtrees) if subtrees else EMPTY_ROOT

    def _level(self, level: int) -> list[bytes]:
        while len(self._levels) <= level:
            self._levels.append([])
        return self._levels[level]


class Nodes:
    """Gives the hash of any range of leaves that a proof is made of, from tiles that are got as they are wanted."""

    def __init__(self, get: Callable[[int, int], bytes]) -> None:
        """``get`` gives the hashes of a tile, full or not, by level and index; raises what it likes."""
        # Proofs of neighbours have most of their hashes in common.
        self._tile = lru_cache(_REMEMBERED_TILES)(get)
        self._subtree = lru_cache(_REMEMBERED_HASHES)(self._compute)

    def hash_of(self, start: int, end: int) -> bytes:
        """Give the tree hash of the leaves from ``start`` up to before ``end``, as RFC 6962 divides a tree there."""
        subtrees = []
        while start < end:
            # The largest complete subtree that begins here and fits.
            height = (end - start).bit_length() - 1
            if start:
                height = min(height, (start & -start).bit_length() - 1)
            subtrees.append(self._subtree(height, start >> height))
            start += 1 << height
        return joined(subtrees) if subtrees else EMPTY_ROOT

    def _compute(self, height: int, index: int) -> bytes:
        level, within = divmod(height, _HEIGHT)
        first = index << within
        at = first % WIDTH * HASH_BYTES
        hashes = self._tile(level, first // WIDTH)[at : at + (HASH_BYTES << within)]
        if len(hashes) != HASH_BYTES << within:
            raise MissingTile(level, first // WIDTH)
        return full_root(split(hashes))


class MissingTile(Exception):
    """A tile is not there, or is shorter than it must be."""

    def __init__(self, level: int, index: int) -> None:
        super().__init__(f"the tile {path_of(TileName(level, index, WIDTH))} is missing or too short")


def split(hashes: bytes) -> Sequence[bytes]:
    """Take hashes that stand one after the other apart."""
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
