"""Opens what the log holds in sealed form: what doesn't open must have been forgotten, what was forgotten must not."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from msgspec import MsgspecError, Struct, json
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.attachment import sha2
from lrs.audit.bundle.forgotten import Forgotten
from lrs.audit.bundle.parts import Parts
from lrs.audit.bundle.persons import Persons
from lrs.audit.bundle.problem import Say
from lrs.audit.tree.leaf import LogRow
from lrs.document.change import event_context
from lrs.log.personal_change import keys_of, opened
from lrs.log.reader import forgotten, seal_context
from lrs.organisation.sealing import bound_to
from lrs.organisation.store_organisation import decode_sealed
from lrs.seal import PersonKey
from lrs.statement import attachments_of, identity, is_identified, join, read
from schemas.configuration_event import ORGANISATION_CHANGED, decode_configuration_event
from schemas.document_event import DOCUMENT_CHANGED, DOCUMENT_DELETED, decode_changed, decode_deleted
from schemas.event import STATEMENT_RECORDED, SealedPart, StatementRecorded
from schemas.xapi import Actor

_queries = sql.load(__package__)


class Row(NamedTuple):
    """A row of the log, and the salt there is for its position."""

    position: int
    id: UUID
    version: int
    stored: datetime
    topic: str
    state: bytes
    salt: bytes | None

    def committed(self) -> LogRow:
        """Give what the tree has of it."""
        return LogRow(self.position, self.id, self.version, self.stored, self.topic, sha256(self.state).digest())


class _By(Struct):
    """Of a statement, by whom it is."""

    actor: Actor


_decode_by: Final = json.Decoder(_By).decode
_decode_actor: Final = json.Decoder(Actor).decode


class Contents:
    """The sealed contents of one store's events."""

    def __init__(self, cursor: Cursor[TupleRow], persons: Persons, gone: Forgotten, say: Say) -> None:
        self._cursor = cursor
        self._persons = persons
        self._gone = gone
        self._say = say
        self._attached = {position for (position,) in cursor.execute(_queries.attached).fetchall()}

    def take(self, row: Row, parts: Parts) -> None:
        """See that an event opens, and that what stands beside it is what it says."""
        where = f"position {row.position}"
        statement = parts.statement
        gone = statement is not None and self._gone.statement(row.position, parts)
        if row.salt is not None and (gone or statement is None or not statement.salted):
            self._say(where, "statement_salts.position: there is a salt, but an erasure destroyed it, or it had none")
        try:
            if row.topic == STATEMENT_RECORDED and statement is not None:
                text = self._statement(where, row, parts, statement, gone=gone)
                if row.position in self._attached:
                    self._attachments(where, row, statement, text)
            elif row.topic in {DOCUMENT_CHANGED, DOCUMENT_DELETED}:
                self._document(where, row, parts)
            elif row.topic == ORGANISATION_CHANGED:
                self._organisation(where, row)
        except (ValueError, MsgspecError):
            self._say(where, "stored_events.state: what opens isn't what such an event holds")

    def finish(self) -> None:
        """Name what belongs to no event."""
        for column, position in self._cursor.execute(_queries.of_nothing).fetchall():
            self._say(column, f"{position} is the position of no statement")

    def _statement(
        self, where: str, row: Row, parts: Parts, statement: StatementRecorded, *, gone: bool
    ) -> bytes | None:
        """Give a statement's text, people joined; None if it can't be read."""
        if statement.salted and row.salt is None:
            if not gone:
                self._say(where, "statement_salts.salt: it is gone, and no erasure in the log says so")
            return None
        keys = [self._persons.needed(where, part.key) for part in parts.sealed]
        plain = [self._plain(where, row, parts, number, key) for number, key in enumerate(keys)]
        if keys[0] is not None and keys[0].learner.bytes != parts.learner:
            self._say(where, f"person_keys.learner: key {keys[0].id} isn't that of the learner whose statement it is")
        for key, part in zip(keys[1:], plain[1:], strict=True):
            if key is not None and part is not None:
                self._persons.is_learner(where, identity(_decode_actor(part)), key)
        if plain[0] is None or keys[0] is None:
            return None
        text = _joined(plain[0], parts.sealed[1:], plain[1:])
        actor = _decode_by(text).actor
        # Who an anonymous Group is, its members say.
        if is_identified(actor) or None not in plain:
            self._persons.is_learner(where, identity(actor), keys[0])
        return text

    def _plain(self, where: str, row: Row, parts: Parts, number: int, key: PersonKey | None) -> bytes | None:
        if key is None:
            return None
        try:
            return unsealed(row, parts, number, key)
        except (InvalidTag, ValueError):
            salted = parts.statement is not None and parts.statement.salted
            what = "statement_salts.salt" if salted else "stored_events.state or originator_id"
            self._say(where, f"{what}: part {number} doesn't open")
            return None

    def _attachments(self, where: str, row: Row, statement: StatementRecorded, text: bytes | None) -> None:
        said = set() if text is None else {one.sha2.lower() for one in attachments_of(read(text))}
        for hashed, key_id, sealed in self._cursor.execute(
            _queries.attachments_at, {"position": row.position}, binary=True
        ).fetchall():
            if hashed not in said:
                self._say(where, f"attachments.sha2: the statement, as far as it can be read, has no {hashed}")
                continue
            key = self._persons.key(statement.text.key)
            if key is None or key.id != key_id:
                self._say(where, "attachments.key_id: it isn't that of the statement")
                continue
            try:
                content = key.unseal(sealed, hashed.encode(), row.salt if statement.salted else None)
            except (InvalidTag, ValueError):
                content = None
            if content is None or sha2(content, len(hashed)) != hashed:
                self._say(where, f"attachments.sealed: {hashed} doesn't open, or is another content")

    def _document(self, where: str, row: Row, parts: Parts) -> None:
        for part in parts.sealed:
            key = self._persons.needed(where, part.key)
            if key is None:
                continue
            if key.learner.bytes != parts.learner:
                self._say(where, f"person_keys.learner: key {key.id} isn't that of the learner whose document it is")
            try:
                text = key.unseal(part.sealed, event_context(row.id, row.version))
            except InvalidTag:
                self._say(where, "stored_events.state or originator_id: it doesn't open")
                continue
            what = decode_changed(text) if row.topic == DOCUMENT_CHANGED else decode_deleted(text)
            if what.agent is not None:
                self._persons.is_learner(where, what.agent, key)

    def _organisation(self, where: str, row: Row) -> None:
        event = decode_configuration_event(row.state)
        details = decode_sealed(event.sealed)
        ids = keys_of(event) | {one.key for one in details.values()}
        found = {id_: self._persons.needed(where, id_.bytes) for id_ in ids}
        keys = {id_: key for id_, key in found.items() if key is not None}
        try:
            opened(event, keys)
            for person, one in details.items():
                if one.key in keys:
                    keys[one.key].unseal(one.sealed, bound_to(person))
        except InvalidTag:
            self._say(where, "stored_events.state: something sealed in it doesn't open")


def unsealed(row: Row, parts: Parts, number: int, key: PersonKey) -> bytes:
    """Open a part of a statement. Raises InvalidTag, ValueError."""
    salt = row.salt if parts.statement is not None and parts.statement.salted else None
    return key.unseal(parts.sealed[number].sealed, seal_context(row.id, number), salt)


def _joined(text: bytes, parts: Sequence[SealedPart], plain: Sequence[bytes | None]) -> bytes:
    mentions = [forgotten(part.key) if one is None else one for part, one in zip(parts, plain, strict=True)]
    return join(text, mentions) if mentions else text
