"""Folds the whole log anew beside the tables in use, compares, and puts the outcome in their place.

The shadow tables are temporary ones: nobody else sees them, they go with the connection, and they need no right but the
app's own. The last part is folded, and the outcome compared and copied, while the projection is held at its position:
its consumer waits for that, readers don't.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Final, Generic, NamedTuple, TypeVar
from uuid import UUID

import psycopg
from psycopg import Connection, Cursor
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from consumers.ahead import ahead
from consumers.database import LogUpTo, connect_to_store
from consumers.folding import Folding
from consumers.live import BATCH, Live
from consumers.parked import park
from consumers.place import Place, configuration_at, rebuild_lock
from consumers.remembered import REMEMBERED_BYTES
from consumers.report import Report
from lrs.log.messages import MessageLog
from lrs.seal import MasterKey
from projections import sql
from projections.projection import Projection, Table
from projections.replay import Broken, Configuration, Meant, meant_of, rows_of
from projections.replay.tables import Tables, shadow
from schemas.difference import Difference

S = TypeVar("S")
_queries = sql.load(__package__)
_SHARED = ("parked", "projection_positions")
_PARKED = Table("parked", ("learner",), ("uuid",))
_PROGRESS_EVERY: Final = 1.0
_PAGE: Final = 1_000
_EXAMPLES: Final = 5
_LONGEST: Final = 80
Progress = Callable[[int, int], None]
"""Called with the position reached and the position aimed for."""


class BeingRebuilt(Exception):
    """Somebody else is rebuilding this projection."""


class Behind(Exception):
    """Somebody was erased, or statements expired, and the projection hasn't got to that: it can't be compared yet.

    What was erased is gone from every replay, whatever position it goes up to, but not yet from others' rows.
    """

    def __init__(self, position: int) -> None:
        super().__init__(f"has yet to take in the erasure at position {position:,}: `lrs consume` does")


class UnderWay(NamedTuple):
    """How far the rebuild is that runs now; nothing in it if none does."""

    reached: int | None
    target: int | None


class Rebuild(Generic[S]):
    """One rebuild of one projection in one store. Blocks."""

    def __init__(
        self,
        url: str,
        store: str,
        master: MasterKey,
        projection: Projection[S],
        progress: Progress,
        remembered_bytes: int = REMEMBERED_BYTES,
    ) -> None:
        self._url = url
        self._store = store
        self._master = master
        self._projection = projection
        self._tables = Tables(projection)
        self._progress = progress
        self._noting = False
        self._note_next = 0.0
        self._remembered_bytes = remembered_bytes

    def replace(self) -> Report:
        """Rebuild under the present version, policy and vocabulary, and put it in place. Raises BeingRebuilt."""
        with self._shadow() as connection:
            self._lock(connection)
            self._noting = True
            begin = _queries.begin_position.format(positions=self._live("projection_positions"))
            connection.execute(begin, {"name": self._projection.name, "version": 0, "meaning": 0})
            before = self._live_place(connection)
            with connection.cursor() as cursor:
                head = self._log.head(cursor)
                # At the same position as the live tables, so that the two can be compared.
                target = before.position if before.version == self._projection.version else head
                changes = self._log.configuration(cursor, target)
            configuration = Configuration.shipped().after(changes)
            try:
                self._build(connection, configuration, target)
                return self._finish(connection, replace=True)
            finally:
                with suppress(psycopg.Error):
                    self._note(connection, None, None)

    def verify(self) -> Report:
        """Rebuild what the live tables should be, and compare; changes nothing. Raises Behind."""
        with self._shadow() as connection:
            before = self._live_place(connection)
            self._check_erasures(connection, before)
            with connection.cursor() as cursor:
                changes = self._log.configuration(cursor, max(before.position, before.meaning))
            self._build(connection, configuration_at(changes, before), before.position)
            report = self._finish(connection, replace=False)
            self._check_erasures(connection, report.place)
            return report

    def _check_erasures(self, connection: Connection[TupleRow], place: Place) -> None:
        with connection.cursor() as cursor:
            if (last := self._log.last_erasure(cursor)) > place.position:
                raise Behind(last)

    def under_way(self) -> UnderWay | None:
        """Give how far it is that somebody makes the live tables anew; None if the projection has never begun."""
        with connect_to_store(self._url, self._store) as connection:
            row = connection.execute(_queries.under_way, {"name": self._projection.name}).fetchone()
            return UnderWay(*row) if row else None

    def try_out(self, change: Callable[[Configuration], Configuration]) -> Report:
        """Rebuild under another configuration, and compare; changes nothing."""
        with self._shadow() as connection:
            before = self._live_place(connection)
            with connection.cursor() as cursor:
                changes = self._log.configuration(cursor, max(before.position, before.meaning))
            self._build(connection, change(configuration_at(changes, before)), before.position)
            with connection.transaction(), connection.cursor() as cursor:
                return self._report(cursor, before, before)

    @contextmanager
    def _shadow(self) -> Iterator[Connection[TupleRow]]:
        """Give a connection whose tables of the projection are its own, new and empty."""
        with connect_to_store(self._url, self._store) as connection, connection.cursor() as cursor:
            self._log = MessageLog(connection, self._store, self._master)
            cursor.execute("SELECT set_config('temp_buffers', '32MB', false), set_config('work_mem', '64MB', false)")
            cursor.execute("CREATE TEMPORARY TABLE differing (learner uuid PRIMARY KEY)")
            shadow(cursor, [*(table.name for table in self._tables.all), *_SHARED], schema=self._log.schema)
            yield connection

    def _lock(self, connection: Connection[TupleRow]) -> None:
        what = rebuild_lock(self._log.schema, self._projection.name)
        if connection.execute(_queries.try_lock, {"what": what}).fetchone() != (True,):
            raise BeingRebuilt(f"{self._projection.name} of {self._store} is being rebuilt already")

    def _live(self, table: str) -> Identifier:
        return Identifier(self._log.schema, table)

    def _live_place(self, connection: Connection[TupleRow], *, hold: bool = False) -> Place:
        query = _queries.hold if hold else _queries.place
        parameters = {"name": self._projection.name}
        row = connection.execute(query.format(positions=self._live("projection_positions")), parameters).fetchone()
        return Place(*row) if row else Place(0, 0, 0)

    def _build(self, connection: Connection[TupleRow], configuration: Configuration, target: int) -> None:
        """Fill the shadow tables from the log up to a position."""
        with connection.cursor() as cursor:
            broken = self._fold_all(cursor, configuration, target)
            broken |= self._make_rows(cursor, configuration)
            name = self._projection.name
            park(cursor, name, broken, target)
            place = {"position": target, "version": self._projection.version, "meaning": configuration.meaning}
            cursor.execute(_queries.begin_shadow, {"name": name, **place})

    def _fold_all(self, cursor: Cursor[TupleRow], configuration: Configuration, target: int) -> dict[UUID, Broken]:
        """Fold the log into states, which are written as there are too many to remember; gives whose fold breaks."""
        folding = Folding(cursor, self._projection, self._remembered_bytes)
        for position, acts in self._acts(configuration, target):
            folding.take(acts)
            self._show(cursor.connection, position, target)
        folding.write()
        return folding.broken

    def _acts(self, configuration: Configuration, target: int) -> Iterator[tuple[int, list[Meant]]]:
        """Give what the log means up to a position, in batches with the position of each one's last message."""

        def batches(cursor: Cursor[TupleRow]) -> Iterator[tuple[int, list[Meant]]]:
            log = LogUpTo(self._log, cursor, target)
            position = 0
            while messages := self._log.after(cursor, position, target, BATCH):
                position = messages[-1].position
                yield position, meant_of(messages, log, configuration)

        with connect_to_store(self._url, self._store) as reading, reading.cursor() as cursor:
            yield from ahead(batches(cursor))

    def _make_rows(self, cursor: Cursor[TupleRow], configuration: Configuration) -> dict[UUID, Broken]:
        """Make everybody's rows; gives whose rows break."""
        broken: dict[UUID, Broken] = {}
        for page in self._tables.every_state(cursor, _PAGE):
            made = [(person, rows_of(self._projection, state, person, configuration)) for person, state in page]
            broken |= {person: rows for person, rows in made if isinstance(rows, Broken)}
            whole = {person: rows for person, rows in made if not isinstance(rows, Broken)}
            broken |= self._tables.write_rows(cursor, whole)
        return broken

    def _finish(self, connection: Connection[TupleRow], *, replace: bool) -> Report:
        """Catch up with the live tables, compare, and replace them if wanted."""
        rebuilt = Live(connection, self._log, self._projection, self._remembered_bytes)
        rebuilt.load()
        while rebuilt.catch_up_batch(self._live_place(connection).position):
            pass
        with connection.transaction(), connection.cursor() as cursor:
            before = self._live_place(connection, hold=True)
            rebuilt.catch_up(before.position)
            report = self._report(cursor, rebuilt.place, before)
            if replace:
                self._swap(cursor, rebuilt.place)
            return report

    def _report(self, cursor: Cursor[TupleRow], place: Place, before: Place) -> Report:
        differences = [self._compare(cursor, table) for table in (*self._tables.all, _PARKED)]
        parked = cursor.execute("SELECT count(*) FROM parked").fetchone() or (0,)
        return Report(place, before, differences, parked[0])

    def _compare(self, cursor: Cursor[TupleRow], table: Table) -> Difference:
        """Find the rows that differ, and note whose they are."""
        columns = SQL(", ").join(map(Identifier, table.columns))
        rebuilt = SQL("SELECT {} FROM {}").format(columns, Identifier("pg_temp", table.name))
        live = SQL("SELECT {} FROM {}").format(columns, self._live(table.name))
        if table is _PARKED:
            live += SQL(" WHERE projection = {}").format(self._projection.name)
        examples: list[str] = []
        counts = []
        for sign, one, other in (("+", rebuilt, live), ("-", live, rebuilt)):
            # Not prepared: the table is another one each time.
            cursor.execute(_queries.differing.format(one=one, other=other), prepare=False)
            (count,) = cursor.execute(_queries.note_differing, prepare=False).fetchone() or (0,)
            counts.append(count)
            query = SQL("SELECT * FROM differing_rows LIMIT {}").format(_EXAMPLES)
            shown = cursor.execute(query, prepare=False).fetchall()
            examples += [f"{sign} {_written(table, row)}" for row in shown]
            cursor.execute("DROP TABLE differing_rows")
        (rows,) = cursor.execute(SQL("SELECT count(*) FROM ({}) AS rebuilt").format(rebuilt)).fetchone() or (0,)
        return Difference(table.name, rows, counts[0], counts[1], tuple(examples))

    def _swap(self, cursor: Cursor[TupleRow], place: Place) -> None:
        """Make the live tables what the rebuilt ones are. Only what differs is written."""
        name = self._projection.name
        parked = ("projection", "learner", "position", "statement", "reason")
        for table in (*self._tables.all, _PARKED._replace(columns=parked)):
            live = self._live(table.name)
            of_ours = SQL("projection = {}").format(name) if table.name == "parked" else SQL("true")
            cursor.execute(_queries.remove_differing.format(live=live, of_ours=of_ours))
            columns = SQL(", ").join(map(Identifier, table.columns))
            rebuilt = Identifier("pg_temp", table.name)
            cursor.execute(_queries.copy_differing.format(live=live, columns=columns, rebuilt=rebuilt))
        positions = self._live("projection_positions")
        cursor.execute(_queries.swapped.format(positions=positions), {"name": name, **place._asdict()})
        cursor.execute(_queries.projected, {"said": f"{self._log.schema} {name} {place.position}"})

    def _show(self, connection: Connection[TupleRow], reached: int, target: int) -> None:
        self._progress(reached, target)
        if self._noting and monotonic() >= self._note_next:
            self._note_next = monotonic() + _PROGRESS_EVERY
            self._note(connection, reached, target)

    def _note(self, connection: Connection[TupleRow], reached: int | None, target: int | None) -> None:
        """Say for everybody how far it is."""
        query = _queries.progress.format(positions=self._live("projection_positions"))
        connection.execute(query, {"name": self._projection.name, "reached": reached, "target": target})


def _written(table: Table, row: TupleRow) -> str:
    """Write a row for people: long values shortened."""
    values = (f"{column}={_shortened(value)}" for column, value in zip(table.columns, row, strict=True))
    return f"{table.name}: {' '.join(values)}"


def _shortened(value: object) -> str:
    text = f"{len(value)} bytes" if isinstance(value, bytes) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
