"""A store with its log, and what keeps the counting projection current in it."""

import asyncio
from collections.abc import Iterable
from contextlib import closing
from typing import Any
from uuid import UUID, uuid4, uuid5

import msgspec
import psycopg
from psycopg import Connection, Cursor
from psycopg.rows import TupleRow

from consumers.database import connect_to_store
from consumers.live import Live
from consumers.rebuild import Rebuild
from consumers.report import Report
from lrs.audit.erasure import Erasure, Erasures
from lrs.configuration import ConfigurationLog
from lrs.log.event import NewEvent
from lrs.log.messages import MessageLog
from lrs.log.personal_change import sealed
from lrs.organisation.sealing import keys_of_learners
from lrs.organisation.tables import write_change
from lrs.store import Store
from schemas.configuration_event import ConfigurationEvent
from schemas.message import Message
from schemas.organisation import OrganisationChange
from schemas.policy import Policy
from schemas.vocabulary import VocabularyChange
from tests.consumers.counting import PROJECTION, Counted
from tests.store.conftest import MASTER
from tests.store.given import append, who

Change = OrganisationChange | Policy | VocabularyChange
_TOPICS = {
    OrganisationChange: "organisation.changed",
    Policy: "policy.changed",
    VocabularyChange: "vocabulary.changed",
}
_NAMESPACE = UUID("5f0c1b0a-7d0e-4a52-9a53-0a1d3a1f5b11")


class World:
    """A store, and one runner's hands."""

    def __init__(self, url: str, store: Store) -> None:
        self.url = url
        self.store = store
        self.name = store.name
        self._open: list[Connection[TupleRow]] = []
        self.connection = self.connected()
        self.log = MessageLog(self.connection, self.name, MASTER)

    def connected(self) -> Connection[TupleRow]:
        connection = connect_to_store(self.url, self.name)
        self._open.append(connection)
        return connection

    def reconnect(self) -> None:
        """Look through a new connection."""
        self.connection = self.connected()

    def close(self) -> None:
        for connection in self._open:
            connection.close()

    def live(self, **options: Any) -> Live[Counted]:
        """Somebody who keeps the projection current, on a connection of their own."""
        live = Live(self.connected(), self.log, PROJECTION, **options)
        live.load()
        return live

    def rebuild(self, **options: Any) -> Rebuild[Counted]:
        return Rebuild(self.url, self.name, MASTER, PROJECTION, lambda _reached, _target: None, **options)

    def verify(self) -> Report:
        return self.rebuild().verify()

    def messages(self) -> list[Message]:
        """Everything that the stream would carry."""
        with self.connection.cursor() as cursor:
            return self.log.after(cursor, 0, self.log.head(cursor), 100_000)

    def head(self) -> int:
        with self.connection.cursor() as cursor:
            return self.log.head(cursor)

    def position(self) -> int:
        """Where the projection stands; -1 if it doesn't exist yet."""
        row = self.connection.execute("SELECT position FROM projection_positions WHERE name = 'counting'").fetchone()
        return row[0] if row else -1

    def rows(self, query: str = "SELECT * FROM counting_acts ORDER BY learner, kind") -> list[TupleRow]:
        return self.connection.execute(query).fetchall()

    def counts(self) -> dict[str, int]:
        """How many acts of each kind there are in all rows."""
        return dict(self.connection.execute("SELECT kind, sum(acts)::int FROM counting_acts GROUP BY kind").fetchall())

    def learner(self, name: str) -> UUID:
        """The learner that a person is, once the store knows them."""
        row = self.connection.execute(
            "SELECT learner FROM learners WHERE digest = %s", [self.store.keys.digest("identity", who(name))]
        ).fetchone()
        assert row is not None, f"nobody called {name} yet"
        found: UUID = row[0]
        return found

    async def say(self, *statements: dict[str, Any]) -> None:
        """Append statements as one request."""
        await append(self.store, *statements)

    async def note(self) -> None:
        """Append an event that isn't published."""
        event = NewEvent(uuid4(), 1, "document.changed", b"")
        await self.store.perform(lambda _: ([event], None))

    async def configure(self, *changes: Change) -> None:
        """Append configuration events."""

        def job(cursor: Cursor[TupleRow]) -> tuple[list[NewEvent], None]:
            for change in changes:
                if isinstance(change, OrganisationChange):
                    write_change(cursor, change, {})
            return list(self._events(cursor, changes)), None

        await self.store.perform(job)

    async def erase(self, name: str) -> Erasure:
        """Erase a person."""

        def erased() -> Erasure:
            with closing(ConfigurationLog(self.url, self.name, MASTER)) as log:
                (person, *_) = Erasures(log).look(f"{name}@example.org").extent.persons
                return Erasures(log).erase(f"{name}@example.org", confirm=person, by="test")

        return await asyncio.to_thread(erased)

    def erased(self) -> set[UUID]:
        """All learners that were."""
        return {learner for (learner,) in self.connection.execute("SELECT unnest(learners) FROM erasures")}

    def _events(self, cursor: Cursor[TupleRow], changes: Iterable[Change]) -> Iterable[NewEvent]:
        versions: dict[UUID, int] = {}
        for change in changes:
            topic = _TOPICS[type(change)]
            id_ = uuid5(_NAMESPACE, topic)
            if id_ not in versions:
                row = cursor.execute("SELECT count(*) FROM stored_events WHERE originator_id = %s", [id_]).fetchone()
                versions[id_] = row[0] if row else 0
            versions[id_] += 1
            yield NewEvent(id_, versions[id_], topic, msgspec.json.encode(self._event(cursor, change)))

    def _event(self, cursor: Cursor[TupleRow], change: Change) -> ConfigurationEvent:
        """Seal what is about somebody who has a key, as the organisation's own events do."""
        if not isinstance(change, OrganisationChange):
            return ConfigurationEvent(msgspec.json.encode(change).decode())
        common, own = change.parted()
        keys = keys_of_learners(cursor, self.log.keyring, own.keys())
        parts = {person: part for person, part in own.items() if person in keys}
        common = common.joined(part for person, part in own.items() if person not in keys)
        return ConfigurationEvent(
            msgspec.json.encode(common).decode(), own=msgspec.json.encode(sealed(parts, keys)).decode()
        )


def owner(url: str) -> Connection[TupleRow]:
    """Connect as the owner of the tables."""
    return psycopg.connect(url, autocommit=True)
