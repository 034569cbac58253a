"""Forgets the statements whose time is up, batch by batch.

Each batch is one transaction under the store's lock: salts and attachments deleted, the index without them, and the
event that says so. A run that is killed has done whole batches; the next one goes on where it ended. The log is as it
was, and projections and the stream follow from the event.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

import psycopg
from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow, tuple_row

from lrs import sql
from lrs.audit.erasure.found import Finder as ErasureFinder
from lrs.audit.retention.due import Due, Finder
from lrs.audit.retention.store_retention import StoreRetention
from lrs.configuration import ConfigurationLog
from lrs.errors import ChangedMeanwhile
from lrs.log.event import NewEvent
from lrs.log.lock import lock_of
from schemas.erasure import STATEMENTS_EXPIRED, Erased, encode_erased

_queries = sql.load(__package__)


class Busy(ChangedMeanwhile):
    """Another run is at work on the store."""


class Expired(Struct):
    """What a run forgot."""

    statements: int
    rules: dict[str, int]
    """How many by each rule."""
    complete: bool
    """Whether nothing is left whose time is up."""


class Expiry:
    """Runs the retention rules of one store. Synchronous."""

    def __init__(self, log: ConfigurationLog, stream_days: int) -> None:
        """Work on the store of this log, whose stream keeps messages for so many days."""
        self._log = log
        self._stream_days = stream_days
        self._due = Finder(log.keyring)
        self._found = ErasureFinder(log.keyring)

    def run(
        self,
        now: datetime,
        *,
        by: str,
        seen: int | None = None,
        go_on: Callable[[int], bool] = lambda _: True,
    ) -> Expired:
        """Forget what is due; ``go_on`` is asked after each batch, with how many statements went until then.

        ``seen`` is the version of the rules that this was asked for, if anybody looked. Raises ChangedMeanwhile if that
        isn't the present one, or somebody sets other rules in the middle; Busy; Unavailable.
        """
        retention = self._log.get(StoreRetention)
        if seen is not None and seen != retention.version:
            raise ChangedMeanwhile(f"the rules are at version {retention.version} now, not {seen}: look at them first")
        gone: Counter[str] = Counter()
        with self._alone() as cursor:
            for page in self._due.due(cursor, retention.rules, now):
                gone.update(self._forget(page, retention, now, by))
                if not go_on(gone.total()):
                    return Expired(gone.total(), dict(gone), complete=False)
        return Expired(gone.total(), dict(gone), complete=True)

    @contextmanager
    def _alone(self) -> Iterator[Cursor[TupleRow]]:
        """Give a cursor that holds this store's lock of retention. Raises Busy."""
        with self._log.reading() as cursor:
            lock = {"lock": lock_of(f"retention/{self._log.store}")}
            (got,) = sql.one(cursor.execute(_queries.try_lock, lock))
            if not got:
                raise Busy("another run of retention is at work on this store: let it end")
            yield psycopg.ClientCursor(cursor.connection, row_factory=tuple_row)
            # Who runs it right after us needn't wait until Postgres has noticed that we hung up.
            cursor.execute(_queries.unlock, lock)

    def _forget(self, page: Sequence[Due], retention: StoreRetention, now: datetime, by: str) -> Counter[str]:
        due = [one.position for one in page]
        with self._log.snapshot() as cursor:
            foreseen = self._found.index.foresee(cursor, self._found.at(cursor, due).own)
        with self._log.appending() as append:
            cursor = append.cursor
            (version,) = sql.one(cursor.execute(_queries.version, {"id": retention.id}))
            if version != retention.version:
                raise ChangedMeanwhile("the rules were changed while they were carried out: run them again")
            # Somebody may have been erased since the page was read: only what can be read still counts.
            found = self._found.at(cursor, due)
            positions = [one.position for one in found.own]
            if not positions:
                return Counter()
            cursor.execute(_queries.forget, {"positions": positions})
            self._found.index.forget(cursor, found.own, [], foreseen)
            gone = Counter(one.rule for one in page if one.position in positions)
            state = Erased(
                touched=tuple(one.bytes for one in sorted(found.touched)),
                references=tuple(one.reference for one in found.own if one.reference is not None),
                counts=dict(gone),
                by=by,
                statements=tuple(positions),
            )
            (position,) = append.write([NewEvent(uuid4(), 1, STATEMENTS_EXPIRED, encode_erased(state))])
            streamed_since = now - timedelta(days=self._stream_days + 1)
            cursor.execute(
                _queries.note, {"position": position, "positions": positions, "streamed_since": streamed_since}
            )
        return gone
