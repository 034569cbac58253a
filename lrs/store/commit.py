"""What happens in one append: statements of several requests, and jobs, in one transaction."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, cast
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace
from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from lrs import sql
from lrs.attachment import Attachments, Content
from lrs.index import Entry, IndexWriter
from lrs.log.event import NewEvent, RecordedEvent, timestamp
from lrs.log.reader import Reader, seal_context
from lrs.log.recorder import Append, StoreRecorder
from lrs.log.work import Conflict, JobWork, StatementBatch, Work
from lrs.seal import Keyring, PersonKey
from lrs.statement import UNDATED, Prepared, attachments_of, read, same, with_stored
from schemas.event import STATEMENT_RECORDED, SealedPart, StatementRecorded, encode_statement_recorded
from schemas.xapi import Statement

_queries = sql.load(__package__)
_REMEMBERED_BYTES = 8 << 20
"""Length of the identifiers whose keys are remembered, together: enough for some hundred thousand persons."""


class Commit:
    """Appends groups of work to one store. Runs in the store's append thread only."""

    def __init__(
        self,
        recorder: StoreRecorder,
        pool: ConnectionPool[Any],
        keyring: Keyring,
        reader: Reader,
        index: IndexWriter,
        attachments: Attachments,
    ) -> None:
        self._recorder = recorder
        self._pool = pool
        self._keyring = keyring
        self._reader = reader
        self._index = index
        self._attachments = attachments
        self._keys: dict[str, PersonKey] = {}
        self._remembered = 0

    def __call__(self, group: Sequence[Work[Any]]) -> None:
        """Append a group. After the commit each member is settled; on an error none is."""
        batches = [work for work in group if isinstance(work, StatementBatch)]
        # Sealing comes before the lock: what is sealed doesn't hold what is assigned under it.
        self._seal(batches)
        while True:
            with self._appending(batches) as append:
                events, destroyed = append.found
                gone = {key_id for (key_id,) in destroyed}
                if not gone:
                    recorded = self._recorded(append, [RecordedEvent(*event) for event in events])
                    conflicts = self._append_statements(append, batches, recorded)
                    outcomes = {work: self._perform(append, work) for work in group if isinstance(work, JobWork)}
                    break
            # A person was forgotten since their key was looked up; who returns afterwards is somebody new.
            self._keys = {who: key for who, key in self._keys.items() if key.id not in gone}
            for work in batches:
                work.sealed = None
            self._seal(batches)
        for batch in batches:
            batch.settle(conflicts.get(batch, append.last_stored))
        for job, outcome in outcomes.items():
            job.settle(outcome)

    def _seal(self, batches: Sequence[StatementBatch]) -> None:
        unsealed = [work for work in batches if work.sealed is None]
        identities = {who for work in unsealed for statement in work.statements for who in _identities(statement)}
        missing = identities - self._keys.keys()
        if missing:
            if self._remembered > _REMEMBERED_BYTES:
                self._keys.clear()
                self._remembered = 0
                missing = identities
            self._remembered += sum(map(len, missing))
            with self._pool.connection() as connection, connection.cursor() as cursor:
                self._keys |= self._keyring.of(cursor, missing)
        for work in unsealed:
            work.sealed = [self._state(statement, work.defines) for statement in work.statements]

    def _state(self, statement: Prepared, defines: bool) -> bytes:
        key = self._keys[statement.actor]
        text = key.seal(statement.text, seal_context(statement.id, 0))
        mentions = []
        for part, mention in enumerate(statement.mentions, start=1):
            other = self._keys[mention.identity]
            sealed = other.seal(mention.text, seal_context(statement.id, part))
            mentions.append(SealedPart(other.id.bytes, sealed))
        return encode_statement_recorded(
            StatementRecorded(key.learner.bytes, SealedPart(key.id.bytes, text), tuple(mentions), defines)
        )

    def _appending(self, batches: Sequence[StatementBatch]) -> AbstractContextManager[Append]:
        statements = [statement for work in batches for statement in work.statements]
        return self._recorder.appending(
            _queries.already_there,
            _queries.destroyed_keys,
            ids=sql.uuids(statement.id for statement in statements),
            key_ids=sql.uuids({self._keys[who].id for statement in statements for who in _identities(statement)}),
        )

    def _append_statements(
        self, append: Append, batches: Sequence[StatementBatch], recorded: dict[UUID, Statement | None]
    ) -> dict[StatementBatch, Conflict]:
        conflicts: dict[StatementBatch, Conflict] = {}
        events: list[NewEvent] = []
        accepted: list[tuple[Prepared, StatementBatch]] = []
        for work in batches:
            differing = [
                statement.id
                for statement in work.statements
                if statement.id in recorded and not _is_same(recorded[statement.id], statement)
            ]
            if differing:
                conflicts[work] = Conflict(differing)
                continue
            for statement, state in zip(work.statements, cast("list[bytes]", work.sealed), strict=True):
                if statement.id not in recorded:
                    recorded[statement.id] = statement.statement
                    events.append(NewEvent(statement.id, 1, STATEMENT_RECORDED, state))
                    accepted.append((statement, work))
        if events:
            positions = append.write(events)
            self._index.write(
                append.cursor,
                [
                    Entry(position, statement.id, statement.statement, work.defines)
                    for position, (statement, work) in zip(positions, accepted, strict=True)
                ],
            )
            self._attachments.add(append.cursor, list(self._contents(positions, accepted)))
        return conflicts

    def _recorded(self, append: Append, events: Sequence[RecordedEvent]) -> dict[UUID, Statement | None]:
        """Give the statements that are in the log already, by id; None for what can't be read any more."""
        found: dict[UUID, Statement | None] = {event.originator_id: None for event in events}
        for logged in self._reader.open(append.cursor, events):
            found[logged.id] = read(with_stored(logged.text, timestamp(logged.stored)))
        return found

    def _contents(
        self, positions: Sequence[int], accepted: Sequence[tuple[Prepared, StatementBatch]]
    ) -> "list[Content]":
        contents = []
        for position, (statement, work) in zip(positions, accepted, strict=True):
            if work.contents:
                key = self._keys[statement.actor]
                for sha2 in {attachment.sha2.lower() for attachment in attachments_of(statement.statement)}:
                    if sha2 in work.contents:
                        sealed = key.seal(work.contents[sha2], sha2.encode())
                        contents.append(Content(position, sha2, key.id, sealed))
        return contents

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
        cursor.execute("RELEASE SAVEPOINT job")
        return outcome


def _identities(statement: Prepared) -> list[str]:
    return [statement.actor, *(mention.identity for mention in statement.mentions)]


def _is_same(recorded: Statement | None, new: Prepared) -> bool:
    if recorded is None:
        # What was said by a person who is forgotten since can't be compared: its id stays taken.
        return False
    if new.statement.timestamp == UNDATED:
        # A timestamp that was left out is filled in anew each time a request is repeated: it doesn't count.
        return same(replace(recorded, timestamp=UNSET), replace(new.statement, timestamp=UNSET))
    # What is recorded by this very commit may have none yet: then it isn't the one that was sent now.
    return recorded.timestamp != UNDATED and same(recorded, new.statement)
