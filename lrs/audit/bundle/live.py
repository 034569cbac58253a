"""Checks a store in the database: every column of the log against the tree, the tree against what was signed."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import lru_cache, partial
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.bundle.check import Problem
from lrs.audit.bundle.column import changed_column
from lrs.audit.bundle.forgotten import Forgotten
from lrs.audit.bundle.parts import Parts, parts_of
from lrs.audit.tree import keys as log_keys
from lrs.audit.tree import proofs, tree_log
from lrs.audit.tree.checkpoint import Checkpoint, verified
from lrs.audit.tree.hashing import HASH_BYTES, full_root
from lrs.audit.tree.leaf import LogRow
from lrs.audit.tree.note import BadNote, Verifier
from lrs.audit.tree.tile import WIDTH, Edge, TileName, path_of, split
from lrs.log.messages import MessageLog
from lrs.log.reader import seal_context
from lrs.seal import MasterKey, PersonKey, WrongMasterKey
from schemas.event import STATEMENT_RECORDED

_queries = sql.load(__package__)
_PAGE: Final = 500
MOST_PROBLEMS: Final = 1_000
_SERVED: Final = "tree.checkpoint"
Progress = Callable[[int, int], None]


class _Row(NamedTuple):
    position: int
    id: UUID
    version: int
    stored: datetime
    topic: str
    state: bytes
    salt: bytes | None

    def committed(self) -> LogRow:
        return LogRow(self.position, self.id, self.version, self.stored, self.topic, sha256(self.state).digest())


class TooMany(Exception):
    """There are more problems than anybody reads."""


class LiveCheck:
    """The check of one store, on a cursor that sees one snapshot of it; ``run`` once, then look what was found."""

    def __init__(self, cursor: Cursor[TupleRow], log: MessageLog, master: MasterKey, progress: Progress) -> None:
        self._cursor = cursor
        self._log = log
        self._master = master
        self._progress = progress
        self._keys: dict[UUID, PersonKey | None] = {}
        self._forgotten = Forgotten(cursor)
        self._edge = Edge()
        self._roots: dict[int, bytes] = {}
        self._differing: list[TileName] = []
        self._sizes: set[int] = set()
        self._tile = lru_cache(64)(partial(tree_log.tile, cursor.connection))
        self._suspects: dict[int, tuple[_Row, bytes]] = {}
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
        signed = list(self._signed(state, kept))
        for name, checkpoint in signed:
            if name == _SERVED and checkpoint.size > state.size:
                self._say("tree.size", f"{state.size}, but size {checkpoint.size} was signed")
        wanted = {checkpoint.size for _, checkpoint in signed} | {state.size}
        try:
            self._rows(wanted)
            self._differences(next((one for name, one in signed if name == _SERVED), None))
            self._surplus()
            self._compare(signed)
            self._keys_gone()
        except TooMany:
            self._say("…", f"there are more than {MOST_PROBLEMS:,} problems: the rest isn't looked at")
        return not self.problems

    def _say(self, where: str, what: str) -> None:
        self.problems.append(Problem(where, what))
        if len(self.problems) == MOST_PROBLEMS:
            raise TooMany

    def _signed(self, state: tree_log.State, kept: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Checkpoint]]:
        """Give all checkpoints that are known, by where they stand."""
        connection = self._cursor.connection
        verifiers: list[Verifier] = []
        try:
            made = log_keys.keys(connection)
            log_keys.signer(connection, self._log.schema, state.origin, self._master, made)
            verifiers = [key.verifier for key in made]
            endorsed = log_keys.successors(state.origin, verifiers[0], [key.endorsement for key in made[1:]])
            if endorsed != verifiers:
                self._say("tree_keys.endorsement", "a key isn't vouched for by the one before it")
        except (BadNote, WrongMasterKey) as error:
            self._say("tree_keys.vkey or secrets.wrapped", str(error))
        found: list[tuple[str, str, int | None]] = [(_SERVED, state.checkpoint or "", None)]
        found += [(f"tree_checkpoints of {day}", note, size) for day, size, note in proofs.daily(connection)]
        found += [(name, note, None) for name, note in kept]
        for name, note, size in found:
            try:
                checkpoint = verified(note, state.origin, verifiers)
            except BadNote as error:
                self._say(name, str(error))
                continue
            if size is not None and size != checkpoint.size:
                self._say(f"{name}, size", f"it says {size}, its checkpoint {checkpoint.size}")
            yield name, checkpoint

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
            if parts is not None and row.topic == STATEMENT_RECORDED:
                self._open(row, parts)
            self._progress(row.position, self.head)
        self._missing(expected, self.size)

    def _missing(self, first: int, last: int) -> None:
        """Say that rows are missing; what the tree has of them stands in for them, so that the others are compared."""
        if first > last:
            return
        where = f"position {first}" if first == last else f"positions {first} to {last}"
        self._say(where, "stored_events.notification_id: there is no such row")
        while self._edge.size < min(last, self.size):
            self._add(self._held(self._edge.size + 1))

    def _leaf(self, row: _Row) -> None:
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

    def _read(self) -> Iterator[_Row]:
        after = -(2**63)
        while True:
            span = {"after": after, "up_to": 2**63 - 1, "limit": _PAGE}
            page = [_Row._make(row) for row in self._cursor.execute(_queries.rows, span, binary=True).fetchall()]
            if not page:
                return
            yield from page
            after = page[-1].position

    def _parts(self, row: _Row) -> Parts | None:
        try:
            return parts_of(row.topic, row.state)
        except ValueError:
            if row.position > self.size:  # what the tree has is compared with it
                self._say(f"position {row.position}", "stored_events.state: it isn't as such events are")
            return None

    def _open(self, row: _Row, parts: Parts) -> None:
        """Open a statement's parts; what doesn't open must have been forgotten."""
        statement = parts.statement
        if statement is None or row.position in self._suspects:
            return
        where = f"position {row.position}"
        if statement.salted and row.salt is None:
            if not self._forgotten.statement(row.position, parts):
                self._say(where, "statement_salts.salt: it is gone, and no erasure in the log says so")
            return
        salt = row.salt if statement.salted else None
        for number, part in enumerate(parts.sealed):
            id_ = UUID(bytes=part.key)
            try:
                key = self._key(id_)
            except WrongMasterKey:
                self._say(where, f"person_keys.wrapped: key {id_} doesn't open with the master key")
                continue
            if key is None:
                if not self._forgotten.key(part.key):
                    self._say(where, f"person_keys.key_id: key {id_} is gone, and no erasure in the log says so")
                continue
            if number == 0 and key.learner.bytes != parts.learner:
                self._say(where, f"person_keys.learner: key {id_} isn't that of the learner whose statement it is")
            try:
                key.unseal(part.sealed, seal_context(row.id, number), salt)
            except (InvalidTag, ValueError):
                what = "statement_salts.salt" if statement.salted else "stored_events.state or originator_id"
                self._say(where, f"{what}: part {number} doesn't open")

    def _key(self, id_: UUID) -> PersonKey | None:
        if id_ not in self._keys:
            if len(self._keys) > 100_000:
                self._keys.clear()
            self._keys[id_] = self._log.keyring.by_id(self._cursor, [id_]).get(id_)
        return self._keys[id_]

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

    def _column(self, row: _Row, held: bytes) -> str:
        committed = row.committed()
        for position, (_, leaf) in self._suspects.items():
            if committed._replace(position=position).leaf() == leaf:
                return f"notification_id (it is the event of position {position})"
        return changed_column(committed, row.state, held, lambda: self._opens(row))

    def _opens(self, row: _Row) -> bool:
        parts = self._parts(row)
        keys = [self._key(UUID(bytes=part.key)) for part in parts.sealed] if parts else []
        if parts is None or parts.statement is None or not keys or keys[0] is None:
            return False
        try:
            keys[0].unseal(
                parts.sealed[0].sealed, seal_context(row.id, 0), row.salt if parts.statement.salted else None
            )
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

    def _compare(self, signed: list[tuple[str, Checkpoint]]) -> None:
        for name, checkpoint in signed:
            if checkpoint.size > self.head:
                self._say(
                    name,
                    f"size {checkpoint.size} was signed, but the log ends at position {self.head}: events are gone",
                )
            elif self._roots.get(checkpoint.size) != checkpoint.root:
                self._say(name, f"the log isn't the one that was signed at size {checkpoint.size}")

    def _keys_gone(self) -> None:
        held = self._log.keyring.by_id(self._cursor, self._forgotten.key_ids())
        for id_ in held:
            self._say("person_keys", f"key {id_} was destroyed by an erasure, and is there again")
