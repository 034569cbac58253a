"""Grows one store's tree and signs it.

What is published can always be made again from the log, and never rolls back: tiles and size are written in one
transaction, a checkpoint only after the tiles it needs; it is remembered outside the database before anybody can see
it. So a crash between any two steps leaves at worst a signature that nobody got, of a tree that the log still gives.
"""

from collections.abc import Callable
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.tree import keys, tree_log
from lrs.audit.tree.checkpoint import Checkpoint, verified
from lrs.audit.tree.memory import Memory
from lrs.audit.tree.note import BadNote, Note, Verifier, signed_note
from lrs.audit.tree.proof import HashOf
from lrs.audit.tree.tile import WIDTH, Edge, MissingTile
from lrs.audit.tree.tree_log import BrokenLog
from lrs.seal import MasterKey
from lrs.store_name import schema_of

_queries = sql.load(__package__)
_BATCH: Final = 20_000
"""Leaves that are written in one transaction."""
Cosign = Callable[[Note, Checkpoint, HashOf], Note]
"""Gives a checkpoint with the cosignatures of witnesses; raises ``Fork`` if one of them knows better."""


class Unsignable(Exception):
    """This can't be signed; the message says why."""


class Fork(Unsignable):
    """What would be signed contradicts what was signed before."""


class Overtaken(Exception):
    """Somebody else grew the tree meanwhile."""


class StoreNotary:
    """One store's. After an exception it begins anew from what the database holds."""

    def __init__(self, store: str, origin: str, master: MasterKey, memory: Memory, cosign: Cosign) -> None:
        """``origin`` is what a tree that is begun now is called in its checkpoints."""
        self.store = store
        self._schema = schema_of(store)
        self._origin = origin
        self._master = master
        self._memory = memory
        self._cosign = cosign
        self._edge: Edge | None = None
        self._remembered: Checkpoint | None = None

    def advance(self, connection: Connection[TupleRow]) -> str | None:
        """Take in what the log has more, then sign and publish a checkpoint of it; None if there is nothing new.

        The connection commits each statement, and its search path is the store's schema. Raises Unsignable, Overtaken,
        and psycopg's errors.
        """
        try:
            return self._advance(connection)
        except (BrokenLog, MissingTile, BadNote, ValueError) as error:
            self._edge = None
            raise Unsignable(str(error)) from None
        except BaseException:
            self._edge = None
            raise

    def _advance(self, connection: Connection[TupleRow]) -> str | None:
        state = tree_log.state(connection)
        if state is None:
            connection.execute(_queries.begin_tree, {"origin": self._origin})
            state = _begun(connection)
        signer = keys.signer(connection, self._schema, state.origin, self._master, keys.keys(connection))
        verifiers = [key.verifier for key in keys.keys(connection)]
        if self._edge is None or self._edge.size != state.size:
            self._edge = self._load(connection, state, verifiers)
        self._grow(connection, self._edge)
        served = verified(state.checkpoint, state.origin, verifiers) if state.checkpoint else None
        checkpoint = Checkpoint(state.origin, self._edge.size, self._edge.root())
        if served is not None and served.size == checkpoint.size:
            return None
        note = signed_note(checkpoint.text(), [signer])
        self._memory.remember(self.store, str(note))
        self._remembered = checkpoint
        note = self._cosign(note, checkpoint, tree_log.nodes(connection).hash_of)
        return self._publish(connection, checkpoint, str(note), state.checkpoint)

    def _load(self, connection: Connection[TupleRow], state: tree_log.State, verifiers: list[Verifier]) -> Edge:
        """Give the tree's edge, if all that is known of the tree agrees."""
        edge = tree_log.edge(connection, state.size)
        hash_of = tree_log.nodes(connection).hash_of
        head = tree_log.head(connection)
        if head < state.size:
            raise Fork(f"the log ends at position {head}, but the tree over it at {state.size}: events are gone")
        first = max(0, state.size - WIDTH)
        for row in tree_log.rows(connection, first, state.size):
            if hash_of(row.position - 1, row.position) != row.leaf():
                raise Fork(f"the log was changed: position {row.position} is not what the tree has there")
        if state.checkpoint is not None:
            served = verified(state.checkpoint, state.origin, verifiers)
            if served.size > state.size or hash_of(0, served.size) != served.root:
                raise Fork(f"the tree is not the one that was signed at size {served.size}")
        self._remembered = self._recall(state.origin, verifiers)
        if self._remembered is not None:
            if head < self._remembered.size:
                raise self._put_back(f"the log ends at position {head}", self._remembered)
            if self._remembered.size <= state.size and hash_of(0, self._remembered.size) != self._remembered.root:
                raise self._put_back("the log differs before that", self._remembered)
        return edge

    def _recall(self, origin: str, verifiers: list[Verifier]) -> Checkpoint | None:
        try:
            written = self._memory.recall(self.store)
            return verified(written, origin, verifiers) if written is not None else None
        except (BadNote, OSError) as error:
            raise Unsignable(
                f"{self._memory.file(self.store)} must hold the last checkpoint that was signed of this log, but: "
                f"{error}. Is this another database, or one put back from before its log was signed? Then read "
                "docs/proof.md, 'After a loss'"
            ) from None

    def _put_back(self, what: str, remembered: Checkpoint) -> Fork:
        return Fork(
            f"a checkpoint of size {remembered.size} was signed ({self._memory.file(self.store)}), and {what}: the "
            "database was put back from an older copy, or changed. Nothing is signed: see docs/proof.md, 'After a loss'"
        )

    def _grow(self, connection: Connection[TupleRow], edge: Edge) -> None:
        head = tree_log.head(connection)
        if head < edge.size:
            raise Fork(f"the log ends at position {head}, but the tree over it at {edge.size}: events are gone")
        kept = edge.size
        for row in tree_log.rows(connection, edge.size, head):
            edge.add(row.leaf())
            remembered = self._remembered
            if remembered is not None and edge.size == remembered.size and edge.root() != remembered.root:
                raise self._put_back("the log differs before that", remembered)
            if edge.size - kept == _BATCH:
                self._keep(connection, edge, kept)
                kept = edge.size
        if edge.size > kept:
            self._keep(connection, edge, kept)

    def _keep(self, connection: Connection[TupleRow], edge: Edge, kept: int) -> None:
        tiles = edge.take()
        columns = {
            "levels": [tile.level for tile in tiles],
            "indexes": [tile.number for tile in tiles],
            "hashes": [tile.hashes for tile in tiles],
        }
        with connection.transaction():
            # First who it is: of two, the other must not wait for tiles, then write older ones.
            grown = connection.execute(_queries.grow, {"size": edge.size, "from": kept})
            if grown.rowcount != 1:
                raise Overtaken(f"{self.store}: another notary grew the tree")
            connection.execute(_queries.keep_tiles, columns)

    def _publish(self, connection: Connection[TupleRow], checkpoint: Checkpoint, note: str, before: str | None) -> str:
        parameters = {"size": checkpoint.size, "checkpoint": note, "before": before}
        with connection.transaction():
            if connection.execute(_queries.publish, parameters).rowcount != 1:
                raise Overtaken(f"{self.store}: another notary published a checkpoint")
            connection.execute(_queries.keep_checkpoint, parameters)
        return note


def _begun(connection: Connection[TupleRow]) -> tree_log.State:
    """Give the state of a tree that was begun."""
    state = tree_log.state(connection)
    if state is None:
        raise LookupError("the tree was not begun")
    return state


def by_nobody(note: Note, _checkpoint: Checkpoint, _hash_of: HashOf) -> Note:
    """Ask no witness."""
    return note
