"""Writes bundles, line by line: how many events there are doesn't matter to memory."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.bundle.chosen import Chosen
from lrs.audit.bundle.lines import BLOCK, FORMAT, Block, Consistency, Event, Head, Line, Outline, Seal, seal_text, write
from lrs.audit.bundle.parts import about, parts_of
from lrs.audit.tree import keys as log_keys
from lrs.audit.tree import proofs, tree_log
from lrs.audit.tree.note import signed_note
from lrs.audit.tree.proof import consistency, inclusion
from lrs.audit.tree.tile import Nodes
from lrs.log.messages import MessageLog
from lrs.log.reader import seal_context
from lrs.seal import MasterKey, PersonKey
from lrs.statement import in_utc
from schemas.event import StatementRecorded

_queries = sql.load(__package__)
_PAGE: Final = 500
_REMEMBERED: Final = 100_000
"""Keys of persons."""


class _Logged(NamedTuple):
    position: int
    id: UUID
    version: int
    stored: Any
    topic: str
    state: bytes
    salt: bytes | None


class Export:
    """One bundle of a store, on a cursor that sees one snapshot of it."""

    def __init__(
        self, cursor: Cursor[TupleRow], log: MessageLog, master: MasterKey, chosen: Chosen, *, opening: bool
    ) -> None:
        """Prepare; ``opening`` adds the keys of what is chosen. Raises NoTree."""
        self._cursor = cursor
        self._connection = cursor.connection
        self._log = log
        self._master = master
        self._chosen = chosen
        self._opening = opening
        self._served = proofs.served(self._connection)
        self._nodes: Nodes = tree_log.nodes(self._connection)
        self._block = -1
        self._persons_keys: dict[UUID, PersonKey | None] = {}
        self.readable: set[UUID] = set(chosen.persons)
        """Of whom something can be read in what was written so far."""
        self.events = 0

    def lines(self) -> Iterator[bytes]:
        """Give the bundle, a line at a time."""
        digest, count = sha256(), 0
        for line in self._lines():
            written = write(line)
            digest.update(written)
            count += 1
            yield written
        origin = self._served.checkpoint.origin
        made = log_keys.keys(self._connection)
        signer = log_keys.signer(self._connection, self._log.schema, origin, self._master, made)
        yield write(Seal(str(signed_note(seal_text(origin, count, digest.digest()), [signer]))))

    def _lines(self) -> Iterator[Line]:
        claim = self._chosen.claim
        yield self._head()
        if claim.whole:
            yield from self._outline(claim.first - 1, wanted=claim.since is not None)
        for row in self._rows():
            yield from self._blocks(row.position)
            yield Event(
                row.position,
                row.id,
                row.version,
                in_utc(row.stored),
                row.topic,
                row.state,
                self._keys(row) if self._opening else (),
            )
            self.events += 1
        if claim.whole:
            yield from self._outline(claim.last + 1, wanted=claim.until is not None)

    def _head(self) -> Head:
        checkpoint, hash_of = self._served.checkpoint, self._nodes.hash_of
        found = [
            Consistency(size, hash_of(0, size), tuple(consistency(size, checkpoint.size, hash_of)))
            for size in self._chosen.sizes
            if size <= checkpoint.size
        ]
        endorsements = tuple(key.endorsement for key in log_keys.keys(self._connection) if key.endorsement)
        return Head(FORMAT, checkpoint.origin, self._chosen.claim, self._served.note, endorsements, tuple(found))

    def _outline(self, position: int, *, wanted: bool) -> Iterator[Line]:
        """Show the event beside a period, if there is one."""
        if not wanted or not 1 <= position <= self._served.checkpoint.size:
            return
        yield from self._blocks(position)
        row = next(tree_log.rows(self._connection, position - 1, position))
        yield Outline(
            row.position, row.originator_id, row.originator_version, in_utc(row.stored), row.topic, row.state_digest
        )

    def _blocks(self, position: int) -> Iterator[Line]:
        """Give the block of a position, unless it was the last one given."""
        number = (position - 1) // BLOCK
        if number == self._block:
            return
        self._block = number
        size, hash_of = self._served.checkpoint.size, self._nodes.hash_of
        first, last = number * BLOCK, min((number + 1) * BLOCK, size)
        # A tree of blocks has the shape of the tree of leaves above them.
        path = inclusion(number, -(-size // BLOCK), lambda low, high: hash_of(low * BLOCK, min(high * BLOCK, size)))
        yield Block(number, b"".join(hash_of(leaf, leaf + 1) for leaf in range(first, last)), tuple(path))

    def _rows(self) -> Iterator[_Logged]:
        claim, positions = self._chosen.claim, self._chosen.positions
        if positions is not None:
            for start in range(0, len(positions), _PAGE):
                named = {"positions": positions[start : start + _PAGE]}
                yield from map(_Logged._make, self._cursor.execute(_queries.rows_at, named, binary=True).fetchall())
            return
        after, is_about = claim.first - 1, about(claim)
        while after < claim.last:
            span = {"after": after, "up_to": claim.last, "limit": _PAGE}
            rows = [_Logged._make(row) for row in self._cursor.execute(_queries.rows, span, binary=True).fetchall()]
            if not rows:
                break
            after = rows[-1].position
            yield from (row for row in rows if claim.whole or is_about(parts_of(row.topic, row.state)))

    def _keys(self, row: _Logged) -> tuple[bytes | None, ...]:
        """Give the keys of a statement's parts: of what is chosen about somebody, those of their own parts."""
        parts = parts_of(row.topic, row.state)
        if parts.statement is None:
            return ()
        return self._keys_of(row, parts.statement)

    def _keys_of(self, row: _Logged, statement: StatementRecorded) -> tuple[bytes | None, ...]:
        sealed = (statement.text, *statement.mentions)
        held = self._held({UUID(bytes=part.key) for part in sealed})
        learners = self._chosen.claim.learners
        given: list[bytes | None] = []
        for number, part in enumerate(sealed):
            key = held[UUID(bytes=part.key)]
            salted = statement.salted
            if key is None or (learners and key.learner not in learners) or (salted and row.salt is None):
                given.append(None)
                continue
            self.readable.add(key.learner)
            given.append(key.key_of(seal_context(row.id, number), row.salt if salted else None))
        return tuple(given)

    def _held(self, ids: set[UUID]) -> Mapping[UUID, PersonKey | None]:
        """Give the keys that persons have, remembered: the same few persons come again and again."""
        if len(self._persons_keys) > _REMEMBERED:
            self._persons_keys.clear()
        if wanted := ids - self._persons_keys.keys():
            found = self._log.keyring.by_id(self._cursor, wanted)
            self._persons_keys.update({id_: found.get(id_) for id_ in wanted})
        return self._persons_keys
