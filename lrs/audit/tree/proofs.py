"""Proofs for those who ask: that a statement is in the log, and that the log only grew."""

import base64
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.tree import keys, tree_log
from lrs.audit.tree.checkpoint import Checkpoint, verified
from lrs.audit.tree.leaf import LogRow
from lrs.audit.tree.proof import consistency, inclusion
from lrs.audit.tree.trees import NoTree
from lrs.errors import NotFound

_queries = sql.load(__package__)


class NotSigned(NotFound):
    """The event is in the log, but the last checkpoint was made before it."""


class Served(NamedTuple):
    """The checkpoint that is served, and what is signed in it."""

    note: str
    checkpoint: Checkpoint


class Inclusion(NamedTuple):
    """An event of the log, and the proof that it is in it."""

    row: LogRow
    hashes: Sequence[bytes]
    served: Served

    def text(self) -> str:
        """Write it as C2SP tlog-proof (https://c2sp.org/tlog-proof): the record in ``extra``, then the proof."""
        lines = [
            "c2sp.org/tlog-proof@v1",
            f"extra {_encoded(self.row.record())}",
            f"index {self.row.position - 1}",
            *map(_encoded, self.hashes),
        ]
        return "\n".join(lines) + f"\n\n{self.served.note}"


def served(connection: Connection[TupleRow]) -> Served:
    """Give the checkpoint that is served of the store that the search path names. Raises NoTree."""
    state = tree_log.state(connection)
    if state is None or state.checkpoint is None:
        raise NoTree("nothing of this log is signed yet: `lrs notary` does that")
    verifiers = [key.verifier for key in keys.keys(connection)]
    return Served(state.checkpoint, verified(state.checkpoint, state.origin, verifiers))


def of_statement(connection: Connection[TupleRow], statement: UUID) -> Inclusion:
    """Prove that a statement is in the log. Raises NotFound if it isn't, NotSigned, NoTree."""
    found = connection.execute(_queries.row_of, {"id": statement}, binary=True).fetchone()
    if found is None:
        raise NotFound(f"there is no statement {statement}")
    return _included(connection, LogRow._make(found))


def at_position(connection: Connection[TupleRow], position: int) -> Inclusion:
    """Prove that the event at a position is there. Raises NotFound if there is none, NotSigned, NoTree."""
    if not 1 <= position <= tree_log.head(connection):
        raise NotFound(f"the log has no position {position}")
    return _included(connection, next(tree_log.rows(connection, position - 1, position)))


def daily(connection: Connection[TupleRow]) -> list[tuple[date, int, str]]:
    """Give the last checkpoint of each day, with its size."""
    return [(day, size, note) for day, size, note in connection.execute(_queries.checkpoints)]


def between(connection: Connection[TupleRow], old: int, new: int) -> tuple[bytes, bytes, list[bytes]]:
    """Prove that the log of size ``new`` begins with that of size ``old``: both roots, and the proof.

    Raises NotFound for a size beyond the checkpoint that is served, NoTree.
    """
    size = served(connection).checkpoint.size
    if not 0 <= old <= new <= size:
        raise NotFound(f"sizes go from 0 to {size}, the smaller one first: not {old} and {new}")
    hash_of = tree_log.nodes(connection).hash_of
    return hash_of(0, old), hash_of(0, new), consistency(old, new, hash_of)


def _included(connection: Connection[TupleRow], row: LogRow) -> Inclusion:
    signed = served(connection)
    size = signed.checkpoint.size
    if row.position > size:
        raise NotSigned(f"position {row.position} isn't signed yet: the last checkpoint is of size {size}")
    return Inclusion(row, inclusion(row.position - 1, size, tree_log.nodes(connection).hash_of), signed)


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
