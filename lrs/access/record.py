"""Keeps who looked: what readers of lists leave is gathered and written a moment later, replays and exports at once."""

import asyncio
import logging
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Final, NamedTuple
from uuid import UUID, uuid4

from psycopg import Connection, Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.access.accesses import bound_to
from lrs.access.known import Known
from lrs.access.reader import Reader
from lrs.log.connect import connect_to
from lrs.log.datastore import AWAY
from lrs.log.work import Unavailable
from lrs.seal import Keyring, MasterKey, PersonKey
from lrs.store_name import schema_of

_queries = sql.load(__package__)
log = logging.getLogger(__name__)
GATHERED: Final = 5.0
"""Seconds that accesses wait for others: as much is lost if the process is killed."""


class _Which(NamedTuple):
    person: UUID
    day: date
    reader: Reader
    known: Known | None
    means: str


class _Count(NamedTuple):
    times: int
    first: datetime
    last: datetime

    def and_(self, other: "_Count") -> "_Count":
        return _Count(self.times + other.times, min(self.first, other.first), max(self.last, other.last))


_Counts = dict[_Which, _Count]
_NOBODY: Final[dict[str, object]] = {"learner": None, "key_id": None, "sealed": None}


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
        self,
        store: str,
        reader: Reader,
        persons: Collection[UUID],
        means: str,
        known: Known | None = None,
        *,
        at_once: bool = False,
    ) -> None:
        """Note that a reader was given data of these persons; ``means`` says what.

        ``known`` is how the reader was known as they looked: who is erased before this is written isn't named any more.
        Without it they are who they are when it is written.
        ``at_once`` returns when it is durable: call it before what is read goes out. Raises Unavailable then.
        Who reads about themselves isn't noted: leave them out.
        """
        counts = _counted(reader, persons, means, known)
        if at_once:
            await asyncio.to_thread(self.note, store, reader, persons, means, known)
            return
        if counts:
            self._gather(store, counts)
            if self._writing is None or self._writing.done():
                self._writing = asyncio.create_task(self._write_soon())

    def note(
        self, store: str, reader: Reader, persons: Collection[UUID], means: str, known: Known | None = None
    ) -> None:
        """Note it now; blocks. Raises Unavailable."""
        try:
            self._write(store, _counted(reader, persons, means, known))
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
        with connection.transaction(), connection.cursor() as cursor:
            # What was erased is seen from here on, and nothing is erased before this is there to be taken out.
            cursor.execute(_queries.no_erasure)
            persons = list({which.person for which in counts})
            erased = {person for (person,) in cursor.execute(_queries.erased, {"persons": persons})}
            left = {which: count for which, count in counts.items() if which.person not in erased}
            rows = _rows(cursor, keyring, {(which.reader, which.known) for which in left})
            for row in sorted(rows.values(), key=lambda row: str(row["reader"])):
                cursor.execute(_queries.note_reader, row)
            # A reader who was new is one with who they were when they came again.
            lines: dict[tuple[UUID, date, object, str], _Count] = {}
            for which, count in left.items():
                line = which.person, which.day, rows[which.reader, which.known]["reader"], which.means
                lines[line] = lines[line].and_(count) if line in lines else count
            cursor.execute(
                _queries.note,
                {
                    "persons": [person for person, _, _, _ in lines],
                    "days": [day for _, day, _, _ in lines],
                    "readers": [reader for _, _, reader, _ in lines],
                    "means": [means for _, _, _, means in lines],
                    "times": [count.times for count in lines.values()],
                    "firsts": [count.first for count in lines.values()],
                    "lasts": [count.last for count in lines.values()],
                },
            )


def _counted(reader: Reader, persons: Iterable[UUID], means: str, known: Known | None) -> _Counts:
    now = datetime.now(UTC)
    return {_Which(person, now.date(), reader, known, means): _Count(1, now, now) for person in set(persons)}


def _rows(
    cursor: Cursor[TupleRow], keyring: Keyring, readers: Collection[tuple[Reader, Known | None]]
) -> dict[tuple[Reader, Known | None], dict[str, object]]:
    """Give the row of each reader; those who were erased since they looked have one without a name."""
    (last,) = sql.one(cursor.execute(_queries.last_erased))
    held = keyring.by_id(cursor, {known.key_id for _, known in readers if known and known.key_id})
    # Who wasn't known as they looked may have become known and been erased: after no erasure they weren't.
    new = {one for one in readers if one[1] is None or (one[1].key_id is None and one[1].erased == last)}
    made = keyring.of(cursor, {reader.identity for reader, _ in new if reader.identity is not None})
    rows = {}
    for reader, known in readers:
        if (reader, known) in new:
            key = None if reader.identity is None else made[reader.identity]
            rows[reader, known] = _row(keyring, reader, key)
        elif known and known.key_id in held:
            rows[reader, known] = _row(keyring, reader, held[known.key_id])
        else:
            rows[reader, known] = {**_NOBODY, "reader": uuid4(), "kind": reader.kind, "label": None}
    return rows


def _row(keyring: Keyring, reader: Reader, key: PersonKey | None) -> dict[str, object]:
    """Give the row of a reader; a person's name is sealed, so that it goes when they are forgotten."""
    digest = keyring.digest(f"reader {reader.kind}", reader.key)
    row: dict[str, object] = {"reader": digest, "kind": reader.kind}
    if key is None:
        label = reader.name if reader.kind != "person" else "somebody who signed in without an identifier"
        return {**row, **_NOBODY, "label": label}
    sealed = key.seal(reader.name.encode(), bound_to(digest))
    return {**row, "label": None, "learner": key.learner, "key_id": key.id, "sealed": sealed}
