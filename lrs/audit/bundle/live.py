"""Checks a store in the database: every column of the log against the tree, the tree against what was signed."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from typing import Final

from cryptography.exceptions import InvalidTag
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.bundle import documents, signed
from lrs.audit.bundle.column import changed_column
from lrs.audit.bundle.contents import Contents, Row, unsealed
from lrs.audit.bundle.forgotten import Forgotten
from lrs.audit.bundle.parts import Parts, parts_of
from lrs.audit.bundle.persons import Persons
from lrs.audit.bundle.problem import Problem
from lrs.audit.bundle.signed import Signed
from lrs.audit.tree import tree_log
from lrs.audit.tree.checkpoint import Checkpoint
from lrs.audit.tree.hashing import HASH_BYTES, full_root
from lrs.audit.tree.tile import WIDTH, Edge, TileName, path_of, split
from lrs.log.messages import MessageLog
from lrs.seal import MasterKey

_queries = sql.load(__package__)
_PAGE: Final = 500
MOST_PROBLEMS: Final = 1_000
Progress = Callable[[int, int], None]


class TooMany(Exception):
    """There are more problems than anybody reads."""


class LiveCheck:
    """The check of one store, on a cursor that sees one snapshot of it; ``run`` once, then look what was found."""

    def __init__(self, cursor: Cursor[TupleRow], log: MessageLog, master: MasterKey, progress: Progress) -> None:
        self._cursor = cursor
        self._log = log
        self._master = master
        self._progress = progress
        self._forgotten = Forgotten(cursor)
        self._persons = Persons(cursor, log, master, self._forgotten, self._say)
        self._contents = Contents(cursor, self._persons, self._forgotten, self._say)
        self._edge = Edge()
        self._roots: dict[int, bytes] = {}
        self._differing: list[TileName] = []
        self._sizes: set[int] = set()
        self._tile = lru_cache(64)(partial(tree_log.tile, cursor.connection))
        self._suspects: dict[int, tuple[Row, bytes]] = {}
        self.problems: list[Problem] = []
        self.head = 0
        self.size = 0
        """Of the tree."""

    def run(self, kept: Iterable[tuple[str, str]] = ()) -> bool:
        """Check everything; gives whether all is as it was signed. ``kept``: further checkpoints, by their names."""
        connection = self._cursor.connection
        self.head = tree_log.head(connection)
        state = tree_log.state(connection)
        if state is None:
            self._say("tree", "nothing of this log is signed yet: `lrs notary` does that")
            return False
        self.size = state.size
        try:
            verifiers = signed.verifiers(connection, self._log.schema, state, self._master, self._say)
            known = signed.checkpoints(connection, state, verifiers, kept, self._say)
            self._rows({one.checkpoint.size for one in known} | {state.size})
            self._differences(next((one.checkpoint for one in known if one.where == signed.SERVED), None))
            self._surplus()
            self._compare(known)
            self._contents.finish()
            documents.compare(self._cursor, self._log.keyring, self._persons, self._say)
            self._forgotten.compare(self._cursor, self._say)
            self._persons.finish()
        except TooMany:
            self._say("…", f"there are more than {MOST_PROBLEMS:,} problems: the rest isn't looked at")
        return not self.problems

    def _say(self, where: str, what: str) -> None:
        self.problems.append(Problem(where, what))
        if len(self.problems) == MOST_PROBLEMS:
            raise TooMany

    def _rows(self, sizes: set[int]) -> None:
        self._sizes = sizes
        self._roots[0] = self._edge.root()
        expected, before = 1, None
        for row in self._read():
            if row.position < expected:
                self._say(f"position {row.position}", "stored_events.notification_id: positions begin at 1")
                continue
            self._missing(expected, row.position - 1)
            if before is not None and row.stored <= before:
                self._say(f"position {row.position}", "stored_events.stored: no later than the position before it")
            expected, before = row.position + 1, row.stored
            self._leaf(row)
            parts = self._parts(row)
            if parts is not None and row.position not in self._suspects:
                self._contents.take(row, parts)
            self._progress(row.position, self.head)
        self._missing(expected, self.size)
        if self._edge.size < self.size:
            self._say("tree.size", f"{self.size}, but neither log nor tree has more than {self._edge.size} events")

    def _missing(self, first: int, last: int) -> None:
        """Say that rows are missing; what the tree has of them stands in for them, so that the others are compared."""
        if first > last:
            return
        where = f"position {first}" if first == last else f"positions {first} to {last}"
        self._say(where, "stored_events.notification_id: there is no such row")
        while self._edge.size < min(last, self.size) and (held := self._held(self._edge.size + 1)):
            self._add(held)

    def _leaf(self, row: Row) -> None:
        """Compare a row with what the tree has of it."""
        if self._edge.size != row.position - 1:
            return
        leaf = row.committed().leaf()
        if row.position <= self.size:
            held = self._held(row.position)
            if held != leaf and len(self._suspects) < MOST_PROBLEMS:
                self._suspects[row.position] = (row, held)
        self._add(leaf)

    def _add(self, leaf: bytes) -> None:
        self._edge.add(leaf)
        size = self._edge.size
        if size in self._sizes:
            self._roots[size] = self._edge.root()
        if size <= self.size and (size % WIDTH == 0 or size == self.size):
            for tile in self._edge.take():
                whole = len(tile.hashes) == WIDTH * HASH_BYTES or size == self.size
                if whole and self._tile(tile.level, tile.number) != tile.hashes:
                    self._differing.append(TileName(tile.level, tile.number, WIDTH))

    def _held(self, position: int) -> bytes:
        """Give the hash that the tree has of a leaf."""
        number, at = divmod(position - 1, WIDTH)
        return self._tile(0, number)[at * HASH_BYTES : (at + 1) * HASH_BYTES]

    def _read(self) -> Iterator[Row]:
        after = -(2**63)
        while True:
            span = {"after": after, "up_to": 2**63 - 1, "limit": _PAGE}
            page = [Row._make(row) for row in self._cursor.execute(_queries.rows, span, binary=True).fetchall()]
            if not page:
                return
            yield from page
            after = page[-1].position

    def _parts(self, row: Row) -> Parts | None:
        try:
            return parts_of(row.topic, row.state)
        except ValueError:
            if row.position > self.size:  # what the tree has is compared with it
                self._say(f"position {row.position}", "stored_events.state: it isn't as such events are")
            return None

    def _differences(self, checkpoint: Checkpoint | None) -> None:
        """Say what differs: tiles, if the rows give the signed root; else rows, unless a tile is wrong itself."""
        if checkpoint is not None and self._roots.get(checkpoint.size) == checkpoint.root:
            for name in self._differing:
                self._say("tree_tiles.hashes", f"tile {path_of(name)} isn't that of the log")
            return
        wrong = {name.number for name in self._differing if name.level == 0 and not self._fits(name.number)}
        for number in sorted(wrong):
            self._say(
                "tree_tiles.hashes", f"tile {path_of(TileName(0, number, WIDTH))} isn't that of the tree above it"
            )
        for position, (row, held) in self._suspects.items():
            if (position - 1) // WIDTH not in wrong:
                self._say(f"position {position}", f"stored_events.{self._column(row, held)}: it isn't what was signed")

    def _fits(self, number: int) -> bool:
        """Tell whether a tile of leaves is what the tile above has of it."""
        hashes = self._tile(0, number)
        if len(hashes) != WIDTH * HASH_BYTES:
            return number == self.size // WIDTH and len(hashes) == self.size % WIDTH * HASH_BYTES
        above, at = divmod(number, WIDTH)
        return self._tile(1, above)[at * HASH_BYTES : (at + 1) * HASH_BYTES] == full_root(split(hashes))

    def _column(self, row: Row, held: bytes) -> str:
        committed = row.committed()
        for position, (_, leaf) in self._suspects.items():
            if committed._replace(position=position).leaf() == leaf:
                return f"notification_id (it is the event of position {position})"
        return changed_column(committed, row.state, held, lambda: self._opens(row))

    def _opens(self, row: Row) -> bool:
        parts = self._parts(row)
        key = self._persons.key(parts.sealed[0].key) if parts and parts.statement else None
        if parts is None or key is None:
            return False
        try:
            unsealed(row, parts, 0, key)
        except (InvalidTag, ValueError):
            return False
        return True

    def _surplus(self) -> None:
        """Say if there are more tiles than the tree has."""
        expected, entries = 0, self.size
        while entries:
            expected += -(-entries // WIDTH)
            entries //= WIDTH
        (count,) = sql.one(self._cursor.execute(_queries.count_tiles))
        if count > expected:
            self._say("tree_tiles", f"there are {count} tiles, of which a tree of size {self.size} has {expected}")

    def _compare(self, known: list[Signed]) -> None:
        for name, checkpoint in known:
            if checkpoint.size > self.head:
                self._say(
                    name,
                    f"size {checkpoint.size} was signed, but the log ends at position {self.head}: events are gone",
                )
            elif self._roots.get(checkpoint.size) != checkpoint.root:
                self._say(name, f"the log isn't the one that was signed at size {checkpoint.size}")
