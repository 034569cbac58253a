"""What happens in one append: statements of several requests, and jobs, in one transaction."""

import logging
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.attachment import Attachments, Content
from lrs.index import Entry, IndexWriter
from lrs.log.datastore import AWAY
from lrs.log.event import RecordedEvent
from lrs.log.reader import Reader
from lrs.log.recorder import Append, StoreRecorder, opening
from lrs.log.salt import COPY_SALTS, packed_salt
from lrs.log.work import Appended, Conflict, JobWork, Unavailable, Work
from lrs.seal import Keyring
from lrs.statement import UNDATED, Prepared, in_utc, read, same, with_stored
from lrs.store.batch import KeysDestroyed, SealedStatement, StatementBatch
from schemas.xapi import Statement

log = logging.getLogger(__name__)
_queries = sql.load(__package__)
_OPENING: Final = opening(_queries.already_there, Keyring.GONE, IndexWriter.REFERRING, IndexWriter.DEFINED)


class Commit:
    """Appends groups of work to one store, for its ``Appender``."""

    def __init__(self, recorder: StoreRecorder, reader: Reader, index: IndexWriter, attachments: Attachments) -> None:
        self._recorder = recorder
        self._reader = reader
        self._index = index
        self._attachments = attachments

    def __call__(self, group: Sequence[Work[Any]]) -> None:
        """Append a group. After the commit each member is settled; on an error none is."""
        batches = [work for work in group if isinstance(work, StatementBatch)]
        outcomes: dict[Work[Any], Any] = {}
        with self._appending(batches) as append:
            events, destroyed, referring, defined = append.found
            gone = {key_id for (key_id,) in destroyed}
            if gone:
                # Sealing came before the lock, and erasing a person in between: who seals has to do it again.
                outcomes |= {batch: KeysDestroyed(gone) for batch in batches if not gone.isdisjoint(batch.key_ids)}
            recorded = self._recorded(append, [RecordedEvent(*event) for event in events])
            accepted: list[SealedStatement] = []
            already: dict[Work[Any], Collection[UUID]] = {}
            for batch in batches:
                if batch in outcomes:
                    continue
                known = _accept(batch, recorded, accepted)
                if isinstance(known, Conflict):
                    outcomes[batch] = known
                elif known:
                    already[batch] = known
            if accepted:
                self._append(append, accepted, referring, defined)
            outcomes |= {work: self._perform(append, work) for work in group if isinstance(work, JobWork)}
        appended = Appended(append.head, append.last_stored)
        for work in group:
            own = appended._replace(already=already[work]) if work in already else appended
            work.settle(outcomes.get(work, own))

    def _appending(self, batches: Sequence[StatementBatch]) -> AbstractContextManager[Append]:
        statements = [one for work in batches for one in work.statements]
        return self._recorder.appending(
            _OPENING,
            ids=sql.uuids(one.prepared.id for one in statements),
            key_ids=sql.uuids(key_id for work in batches for key_id in work.key_ids),
            digests=sql.uuids_of_bytes({new.digest for one in statements for new in one.features.definitions}),
        )

    def _append(
        self,
        append: Append,
        accepted: Sequence[SealedStatement],
        referring: Sequence[TupleRow],
        defined: Sequence[TupleRow],
    ) -> None:
        positions = append.write_packed([one.event for one in accepted])
        entries = [
            Entry(position, one.prepared.id, one.prepared.statement, one.features)
            for position, one in zip(positions, accepted, strict=True)
        ]
        self._index.write(append.cursor, entries, referring, defined, append.copy)
        append.copy(
            COPY_SALTS, [packed_salt(position, one.salt) for position, one in zip(positions, accepted, strict=True)]
        )
        contents = [
            Content(position, *content)
            for position, one in zip(positions, accepted, strict=True)
            for content in one.contents
        ]
        self._attachments.add(append.cursor, contents)

    def _recorded(self, append: Append, events: Sequence[RecordedEvent]) -> dict[UUID, Statement | None]:
        """Give the statements that are in the log already, by id; None for what can't be read any more."""
        found: dict[UUID, Statement | None] = {event.originator_id: None for event in events}
        for logged in self._reader.open(append.cursor, events):
            found[logged.id] = read(with_stored(logged.text, in_utc(logged.stored)))
        return found

    def _perform(self, append: Append, work: JobWork[Any]) -> Any:
        # A savepoint, so that a refused job leaves the others' work as it is.
        cursor: Cursor[TupleRow] = append.cursor
        cursor.execute("SAVEPOINT job")
        try:
            events, outcome = work.job(cursor)
            if events:
                append.write(events)
        except Exception as error:
            if cursor.connection.broken:
                raise
            cursor.execute("ROLLBACK TO SAVEPOINT job")
            outcome = error
            if isinstance(error, AWAY):  # it is there, but out of disk, memory or patience
                log.warning("could not append: %s", error)
                outcome = Unavailable("the database is not answering")
        cursor.execute("RELEASE SAVEPOINT job")
        return outcome


def _accept(
    batch: StatementBatch, recorded: dict[UUID, Statement | None], accepted: list[SealedStatement]
) -> Conflict | Collection[UUID]:
    """Take a request's new statements in with those accepted already, or say why none of them can be.

    Gives which were recorded before.
    """
    sent = {one.prepared.id: one for one in batch.statements}
    known = sent.keys() & recorded.keys()
    if known:
        differing = [id_ for id_ in sent if id_ in known and not _is_same(recorded[id_], sent[id_].prepared)]
        if differing:
            return Conflict(differing)
        sent = {id_: one for id_, one in sent.items() if id_ not in known}
    recorded |= {one.prepared.id: one.prepared.statement for one in sent.values()}
    accepted += sent.values()
    return known


def _is_same(recorded: Statement | None, new: Prepared) -> bool:
    if recorded is None:
        # What was said by a person who is forgotten since can't be compared: its id stays taken.
        return False
    if new.version == "2.0.0":
        return same(recorded, new.statement, new.version)
    if new.statement.timestamp == UNDATED:
        # A timestamp that was left out is filled in anew each time a request is repeated: it doesn't count.
        return same(replace(recorded, timestamp=UNSET), replace(new.statement, timestamp=UNSET), new.version)
    # What is recorded by this very commit may have none yet: then it isn't the one that was sent now.
    return recorded.timestamp != UNDATED and same(recorded, new.statement, new.version)
