"""Keeps who looked: what readers of lists leave is gathered and written a moment later, replays and exports at once."""

import asyncio
import logging
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.access.accesses import bound_to
from lrs.access.reader import Reader
from lrs.log.connect import connect_to
from lrs.log.datastore import AWAY
from lrs.log.work import Unavailable
from lrs.seal import Keyring, MasterKey
from lrs.store_name import schema_of

_queries = sql.load(__package__)
log = logging.getLogger(__name__)
GATHERED: Final = 5.0
"""Seconds that accesses wait for others: as much is lost if the process is killed."""


class _Which(NamedTuple):
    person: UUID
    day: date
    reader: Reader
    means: str


class _Count(NamedTuple):
    times: int
    first: datetime
    last: datetime

    def and_(self, other: "_Count") -> "_Count":
        return _Count(self.times + other.times, min(self.first, other.first), max(self.last, other.last))


_Counts = dict[_Which, _Count]


class AccessRecord:
    """The record of accesses to every store. For one event loop; ``close`` it when done."""

    def __init__(self, url: str, master: MasterKey) -> None:
        """Nothing connects before somebody looks."""
        self._url = url
        self._master = master
        self._keyrings: dict[str, Keyring] = {}
        self._gathered: dict[str, _Counts] = {}
        self._writing: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._said: dict[str, str] = {}

    async def seen(
        self, store: str, reader: Reader, persons: Collection[UUID], means: str, *, at_once: bool = False
    ) -> None:
        """Note that a reader was given data of these persons; ``means`` says what.

        ``at_once`` returns when it is durable: call it before what is read goes out. Raises Unavailable then.
        Who reads about themselves isn't noted: leave them out.
        """
        counts = _counted(reader, persons, means)
        if at_once:
            await asyncio.to_thread(self.note, store, reader, persons, means)
            return
        if counts:
            self._gather(store, counts)
            if self._writing is None or self._writing.done():
                self._writing = asyncio.create_task(self._write_soon())

    def note(self, store: str, reader: Reader, persons: Collection[UUID], means: str) -> None:
        """Note it now; blocks. Raises Unavailable."""
        try:
            self._write(store, _counted(reader, persons, means))
        except AWAY as error:
            raise Unavailable("the database is not answering") from error

    async def close(self) -> None:
        """Write what was gathered; what can't be written now is lost."""
        self._closing.set()
        if self._writing is not None:
            await self._writing
        await self.flush()

    async def flush(self) -> None:
        """Write what was gathered; what can't be written now waits for the next time."""
        gathered, self._gathered = self._gathered, {}
        for store, counts in gathered.items():
            try:
                await asyncio.to_thread(self._write, store, counts)
            except Exception as error:  # one store's trouble is none of the others'
                self._gather(store, counts)
                why = f"{type(error).__name__}: {' '.join(str(error).split())}"
                if self._said.get(store) != why:
                    self._said[store] = why
                    log.warning("who looked at %s can't be noted yet: %s", store, why)
            else:
                self._said.pop(store, None)

    async def _write_soon(self) -> None:
        while self._gathered:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), GATHERED)
            if self._closing.is_set():
                return
            await self.flush()

    def _gather(self, store: str, counts: _Counts) -> None:
        kept = self._gathered.setdefault(store, {})
        for which, count in counts.items():
            kept[which] = kept[which].and_(count) if which in kept else count

    def _write(self, store: str, counts: _Counts) -> None:
        if not counts:
            return
        schema = schema_of(store)
        with connect_to(schema, self._url, "access") as connection:
            if store not in self._keyrings:
                self._keyrings[store] = Keyring.open(connection, schema, self._master)
            self._note(connection, self._keyrings[store], counts)

    @staticmethod
    def _note(connection: Connection[TupleRow], keyring: Keyring, counts: _Counts) -> None:
        cursor = connection.cursor()
        readers = {which.reader for which in counts}
        rows = {reader: _row(cursor, keyring, reader) for reader in readers}
        with connection.transaction():
            for row in sorted(rows.values(), key=lambda row: str(row["reader"])):
                cursor.execute(_queries.note_reader, row)
            cursor.execute(
                _queries.note,
                {
                    "persons": [which.person for which in counts],
                    "days": [which.day for which in counts],
                    "readers": [rows[which.reader]["reader"] for which in counts],
                    "means": [which.means for which in counts],
                    "times": [count.times for count in counts.values()],
                    "firsts": [count.first for count in counts.values()],
                    "lasts": [count.last for count in counts.values()],
                },
            )


def _counted(reader: Reader, persons: Iterable[UUID], means: str) -> _Counts:
    now = datetime.now(UTC)
    return {_Which(person, now.date(), reader, means): _Count(1, now, now) for person in set(persons)}


def _row(cursor: Cursor[TupleRow], keyring: Keyring, reader: Reader) -> dict[str, object]:
    """Give the row of a reader; a person's name is sealed, so that it goes when they are forgotten."""
    digest = keyring.digest(f"reader {reader.kind}", reader.key)
    row: dict[str, object] = {"reader": digest, "kind": reader.kind, "label": reader.name}
    if reader.identity is None:
        label = reader.name if reader.kind != "person" else "somebody who signed in without an identifier"
        return {**row, "label": label, "learner": None, "key_id": None, "sealed": None}
    key = keyring.of(cursor, [reader.identity])[reader.identity]
    sealed = key.seal(reader.name.encode(), bound_to(digest))
    return {**row, "label": None, "learner": key.learner, "key_id": key.id, "sealed": sealed}
