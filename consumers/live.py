"""Keeps the tables of one projection in one store current: rows, states and position in one transaction."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, Generic, Self, TypeVar
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.rows import TupleRow
from psycopg.sql import Identifier

from consumers.database import LogUpTo
from consumers.folding import Folding
from consumers.parked import park
from consumers.place import Place, configuration_at, rebuild_lock
from consumers.remembered import REMEMBERED_BYTES, Remembered
from lrs.errors import Told
from lrs.log.messages import MessageLog
from projections import sql
from projections.projection import Projection
from projections.replay import Broken, Configuration, fold, parts, read_batch, refolded, rows_of
from projections.replay.tables import Tables
from schemas.message import Message

log = logging.getLogger(__name__)
S = TypeVar("S")
_queries = sql.load(__package__)
_POSITIONS: Final = Identifier("projection_positions")
BATCH: Final = 4_000
"""Messages in a transaction, at most: the more, the fewer times the rows of a busy learner are replaced."""
SHORT: Final = 10_000
"""A log up to this position is folded live, from its beginning."""


class Overtaken(Told):
    """Somebody else has moved this projection on, or replaced its tables."""


class Live(Generic[S]):
    """One projection's tables. Blocks; used by one thread at a time.

    What it remembers is as the tables are at ``place``; after any error, ``load`` again.
    """

    def __init__(
        self,
        connection: Connection[TupleRow],
        log: MessageLog,
        projection: Projection[S],
        remembered_bytes: int = REMEMBERED_BYTES,
    ) -> None:
        self._connection = connection
        self._log = log
        self._projection = projection
        self._tables = Tables(projection)
        self._remembered_bytes = remembered_bytes
        self._remembered: Remembered[S] = Remembered(remembered_bytes)
        self._empty = projection.state()
        self.configuration = Configuration.shipped()
        self.place = Place(0, 0, 0)
        self.newest_meaning = 0
        """Position of the last policy or vocabulary event up to ``place``."""

    def on(self, connection: Connection[TupleRow]) -> Self:
        """Work over this connection to the store from now on."""
        self._connection = connection
        return self

    @property
    def outdated(self) -> bool:
        """Whether the tables were made by an earlier version of the fold, so that they can't be moved on."""
        return self.place.version < self._projection.version

    @property
    def from_the_future(self) -> bool:
        """Whether the tables were made by a later version of the fold, so that they aren't ours to move."""
        return self.place.version > self._projection.version

    @property
    def means_otherwise(self) -> bool:
        """Whether policy or vocabulary have changed since the tables were made."""
        return self.newest_meaning > self.place.meaning

    def load(self) -> None:
        """Find out where the tables stand, forgetting what was remembered."""
        self._remembered.clear()
        with self._connection.cursor() as cursor:
            head = self._log.head(cursor)
            # Tables that are ahead of the log were made of another one, before this was put back from a copy.
            cursor.execute(_queries.disown, {"name": self._projection.name, "head": head})
            if (place := self._standing(cursor)) is None:
                newest = Configuration.shipped().after(self._log.configuration(cursor, head))
                # Tables of nothing are right under any policy. A long past is quicker folded by a rebuild.
                version = self._projection.version if head <= SHORT else 0
                begin = _queries.begin_position.format(positions=_POSITIONS)
                known = {"name": self._projection.name, "version": version, "meaning": newest.meaning}
                cursor.execute(begin, known)
                place = self._standing(cursor)
            self.place = place or Place(0, 0, 0)
            what = rebuild_lock(self._log.schema, self._projection.name)
            cursor.execute(_queries.forget_rebuild, {"name": self._projection.name, "what": what})
            changes = self._log.configuration(cursor, max(self.place.position, self.place.meaning))
        self.configuration = configuration_at(changes, self.place)
        until_now = (message for message in changes if message.position <= self.place.position)
        self.newest_meaning = max(Configuration.shipped().after(until_now).meaning, self.place.meaning)

    def _standing(self, cursor: Cursor[TupleRow]) -> Place | None:
        query = _queries.place.format(positions=_POSITIONS)
        row = cursor.execute(query, {"name": self._projection.name}).fetchone()
        return Place(*row) if row else None

    def look(self) -> int:
        """Give the position of the log's last message. Raises Overtaken."""
        with self._connection.cursor() as cursor:
            head = self._log.head(cursor)
            if self._standing(cursor) != self.place or head < self.place.position:
                raise Overtaken
            return head

    def take(self, messages: Iterable[Message]) -> None:
        """Fold messages from the stream, however they come: repeated, out of order, with gaps that the log fills.

        Raises Overtaken.
        """
        news = {message.position: message for message in messages if message.position > self.place.position}
        batch = [news[position] for position in sorted(news)]
        reached = self.place.position
        for message in batch:
            if message.previous > reached:
                self.catch_up(batch[-1].position)
                return
            reached = message.position
        if not batch:
            return
        if self._are_ours(batch):
            self._fold(batch)
        else:
            log.warning("%s: the stream holds what the log doesn't; going on from the log", self._projection.name)
            self.catch_up()

    def _are_ours(self, messages: Sequence[Message]) -> bool:
        """Whether the log holds these events: a stream may have those of a log that was since put back from a copy."""
        said = {"ids": [one.id for one in messages], "positions": [one.position for one in messages]}
        found = self._connection.execute(_queries.held, said).fetchone()
        return found == (len(messages),)

    def catch_up(self, up_to: int | None = None) -> bool:
        """Fold what the log has up to a position, or to its end; gives whether there was any. Raises Overtaken."""
        began = self.place.position
        with self._connection.cursor() as cursor:
            if up_to is None:
                up_to = self._log.head(cursor)
            while messages := self._log.after(cursor, self.place.position, up_to, BATCH):
                self._fold(messages)
        return self.place.position > began

    def catch_up_batch(self, up_to: int) -> bool:
        """Fold the next batch that the log has up to a position; gives whether there was one. Raises Overtaken."""
        with self._connection.cursor() as cursor:
            messages = self._log.after(cursor, self.place.position, up_to, BATCH)
        if messages:
            self._fold(messages)
        return bool(messages)

    def retry(self, persons: Collection[UUID]) -> dict[UUID, Broken]:
        """Fold these persons again; gives those that still break. Raises Overtaken."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            self._move(cursor, self.place.position)
            return self._refold(cursor, persons, self.configuration, self.place.position)

    def _fold(self, messages: Sequence[Message]) -> None:
        """Fold messages that follow on ``place`` in one transaction."""
        to = messages[-1].position
        with self._connection.transaction(), self._connection.cursor() as cursor:
            self._move(cursor, to)
            batch = read_batch(messages, LogUpTo(self._log, cursor, to), self.configuration)
            # Who is parked has no state to fold into; the rows may be all that broke, and may be well now.
            acts = [one for one in batch.acts if not batch.refold.issuperset(one.touched)]
            touched = {person for one in acts for person in one.touched} - batch.refold
            before = self._states(cursor, touched)
            touched -= self._without_state(cursor, touched - before.keys())
            folded = fold(self._projection, before, acts, only=touched)
            changed = {
                person: state for person, state in folded.states.items() if state != before.get(person, self._empty)
            }
            fresh = self._replace(cursor, changed, folded.broken, batch.configuration, to)
            self._refold(cursor, batch.refold, batch.configuration, to)
            self._remake(cursor, batch.remake - changed.keys() - folded.broken.keys(), batch.configuration, to)
        self.place = self.place._replace(position=to)
        self.configuration = batch.configuration
        self.newest_meaning = max(self.newest_meaning, batch.meaning)
        for person, size in fresh.items():
            self._remembered.put(person, changed[person], size)
        self._remembered.surplus()

    def _move(self, cursor: Cursor[TupleRow], to: int) -> None:
        moved = cursor.execute(_queries.move, {"name": self._projection.name, "to": to, **self.place._asdict()})
        if not moved.rowcount:
            raise Overtaken
        # Heard when the transaction commits.
        cursor.execute(_queries.projected, {"said": f"{self._log.schema} {self._projection.name} {to}"})

    def _states(self, cursor: Cursor[TupleRow], persons: Collection[UUID]) -> dict[UUID, S]:
        found = self._remembered.among(persons)
        loaded = self._tables.states(cursor, [person for person in persons if person not in found])
        return found | {person: state for person, (state, _) in loaded.items()}

    def _without_state(self, cursor: Cursor[TupleRow], persons: Collection[UUID]) -> set[UUID]:
        """Give who of these is parked because their fold broke."""
        if not persons:
            return set()
        found = cursor.execute(_queries.parked_of, {"name": self._projection.name, "persons": list(persons)})
        return {person for person, fold_broke in found if fold_broke}

    def _refold(
        self, cursor: Cursor[TupleRow], persons: Collection[UUID], configuration: Configuration, to: int
    ) -> dict[UUID, Broken]:
        """Fold persons from the log, whether they are parked or not; gives those that break."""
        folding = Folding(cursor, self._projection, self._remembered_bytes, only=set(persons))
        for acts in refolded(persons, LogUpTo(self._log, cursor, to), configuration):
            folding.take(acts)
        for part in parts(persons, folding.acts):
            broken = {person: folding.broken[person] for person in part if person in folding.broken}
            gone = dict.fromkeys(part - broken.keys(), self._empty)
            self._replace(cursor, gone | folding.states(part), broken, configuration, to)
        return folding.broken

    def _remake(
        self, cursor: Cursor[TupleRow], persons: Collection[UUID], configuration: Configuration, to: int
    ) -> None:
        """Make the rows of persons again, from their states."""
        for part in parts(persons):
            self._replace(cursor, self._states(cursor, part), {}, configuration, to)

    def _replace(
        self,
        cursor: Cursor[TupleRow],
        states: Mapping[UUID, S],
        broken: Mapping[UUID, Broken],
        configuration: Configuration,
        to: int,
    ) -> dict[UUID, int]:
        """Replace all that is kept of these persons; gives the sizes of the states that were written.

        Who has a broken fold has neither state nor rows, who has broken rows only has a state. What is remembered of
        them is forgotten: it may be remembered again after the commit.
        """
        persons = [*states, *broken]
        self._remembered.forget(persons)
        if not persons:
            return {}
        kept = {person: state for person, state in states.items() if state != self._empty}
        made = {person: rows_of(self._projection, state, person, configuration) for person, state in kept.items()}
        self._tables.remove(cursor, persons)
        whole = {person: rows for person, rows in made.items() if not isinstance(rows, Broken)}
        refused = self._tables.write_rows(cursor, whole)
        parked = {**broken, **{person: rows for person, rows in made.items() if isinstance(rows, Broken)}, **refused}
        sizes = self._tables.write_states(cursor, kept)
        name = self._projection.name
        cursor.execute(_queries.unpark, {"name": name, "persons": [one for one in persons if one not in parked]})
        park(cursor, name, parked, to)
        return sizes
