"""Words for tests of the tree."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from lrs.audit.tree import keys, proofs, tree_log
from lrs.audit.tree.checkpoint import Checkpoint, verified
from lrs.audit.tree.memory import Memory
from lrs.audit.tree.note import Verifier
from lrs.audit.tree.store_notary import Cosign, StoreNotary, by_nobody
from lrs.audit.tree.tile import Edge
from lrs.log.datastore import session
from lrs.store import Stores
from lrs.store_name import schema_of
from tests.store.conftest import MASTER
from tests.store.given import append, statement

ORIGIN = "lrs.example.org/log/default"


class Log:
    """A store's log and its tree, seen through a connection of the app's role."""

    def __init__(self, url: str, store: str = "default") -> None:
        self.url = url
        self.store = store
        self.connection: Connection[TupleRow] = psycopg.connect(url, autocommit=True)
        session(self.connection, schema_of(store))

    def record(self, count: int) -> None:
        """Append so many statements."""
        self.say(*[statement(f"p{number % 7}") for number in range(count)])

    def say(self, *made: dict[str, Any]) -> None:
        """Append statements."""

        async def recorded() -> None:
            stores = Stores(self.url, MASTER)
            store = await stores.get(self.store)
            for start in range(0, len(made), 500):
                await append(store, *made[start : start + 500])
            await stores.close()

        asyncio.run(recorded())

    def record_something_else(self, id_: UUID) -> None:
        """Append an event that is no statement."""
        with psycopg.connect(self.url) as connection:
            session(connection, schema_of(self.store))
            connection.execute(
                "INSERT INTO stored_events (originator_id, originator_version, topic, state, notification_id, stored)"
                " SELECT %s, 1, 'something.else', '', max(notification_id) + 1, max(stored) + interval '1 us'"
                " FROM stored_events",
                [id_],
            )

    def notary(self, folder: Path, cosign: Cosign = by_nobody, origin: str = ORIGIN) -> StoreNotary:
        """A notary that remembers in a folder."""
        return StoreNotary(self.store, origin, MASTER, Memory(folder), cosign)

    def sign(self, folder: Path) -> Checkpoint:
        """Have a new notary sign; gives the checkpoint that is served then."""
        self.notary(folder).advance(self.connection)
        return self.served()

    def served(self) -> Checkpoint:
        """The checkpoint that is served."""
        return proofs.served(self.connection).checkpoint

    def verifiers(self) -> list[Verifier]:
        """The log's keys."""
        return [key.verifier for key in keys.keys(self.connection)]

    def verified(self, note: str) -> Checkpoint:
        """A checkpoint of this log that one of its keys signed."""
        return verified(note, self.origin(), self.verifiers())

    def origin(self) -> str:
        state = tree_log.state(self.connection)
        assert state is not None
        return state.origin

    def root(self, size: int) -> bytes:
        """The root that the rows of the log give, whatever the tiles say."""
        edge = Edge()
        for row in tree_log.rows(self.connection, 0, size):
            edge.add(row.leaf())
        return edge.root()

    @contextmanager
    def tampering(self) -> Iterator[Connection[TupleRow]]:
        """A connection of who owns the database and heeds no trigger."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(SQL("SET search_path = {}").format(Identifier(schema_of(self.store))))
            connection.execute("SET session_replication_role = replica")
            yield connection

    def close(self) -> None:
        self.connection.close()
