"""Sees that persons' keys are theirs: that each opens, and belongs to whom the log says things of."""

from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.bundle.forgotten import Forgotten
from lrs.audit.bundle.problem import Say
from lrs.log.messages import MessageLog
from lrs.organisation.sealing import bound_to
from lrs.seal import MasterKey, PersonKey, WrongMasterKey
from lrs.seal.keyring import key_label
from schemas.configuration_event import decode_details

_queries = sql.load(__package__)
_REMEMBERED: Final = 100_000


class Persons:
    """The keys and learners of one store; what is wrong with one is said once."""

    def __init__(
        self, cursor: Cursor[TupleRow], log: MessageLog, master: MasterKey, forgotten: Forgotten, say: Say
    ) -> None:
        self._cursor = cursor
        self._log = log
        self._master = master
        self._forgotten = forgotten
        self._say = say
        self._keys: dict[bytes, PersonKey | None] = {}
        self._missed: set[bytes] = set()
        self._known: set[tuple[str, UUID]] = set()

    def key(self, id_: bytes) -> PersonKey | None:
        """Give a key; None if it isn't there, or doesn't open."""
        if id_ not in self._keys:
            if len(self._keys) > _REMEMBERED:
                self._keys.clear()
            key_id = UUID(bytes=id_)
            try:
                self._keys[id_] = self._log.keyring.held(self._cursor, [key_id]).get(key_id)
            except WrongMasterKey:  # said of each key at the end
                self._missed.add(id_)
                self._keys[id_] = None
        return self._keys[id_]

    def needed(self, where: str, id_: bytes) -> PersonKey | None:
        """Give a key that something in the log is sealed under: it may be missing only if an erasure says so."""
        key = self.key(id_)
        if key is None and id_ not in self._missed and not self._forgotten.key(id_):
            self._missed.add(id_)
            self._say(where, f"person_keys.key_id: key {UUID(bytes=id_)} is gone, and no erasure in the log says so")
        return key

    def is_learner(self, where: str, identity: str, key: PersonKey) -> None:
        """See that who was sealed under a key is the learner it belongs to: else an erasure would pass them over."""
        if (identity, key.learner) in self._known:
            return
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        self._known.add((identity, key.learner))
        learner = self._learner(identity)
        if learner is None:
            self._say(where, f"learners.digest: who it is sealed for, by key {key.id}, is known as nobody")
        elif learner != key.learner:
            self._say(
                where,
                f"learners.learner or person_keys.learner: who it is sealed for is learner {learner}, but its key "
                f"{key.id} belongs to {key.learner}",
            )

    def _learner(self, identity: str) -> UUID | None:
        digest = self._log.keyring.digest("identity", identity)
        row = self._cursor.execute(_queries.learner_of, {"digest": digest}).fetchone()
        return row[0] if row else None

    def finish(self) -> None:
        """See that all keys open, that learners and keys belong together, and so do those of the organisation."""
        with self._cursor.connection.cursor(name="wrapped") as keys:
            for id_, wrapped in keys.execute(_queries.wrapped_keys):
                if self._forgotten.key(id_.bytes):
                    self._say("person_keys", f"key {id_} was destroyed by an erasure, and is there again")
                try:
                    self._master.unwrap(bytes(wrapped), key_label(self._log.schema, id_))
                except WrongMasterKey:
                    self._say("person_keys.wrapped", f"key {id_} doesn't open with the master key")
        for column, learner, what in self._cursor.execute(_queries.unmatched).fetchall():
            self._say(column, f"{learner} {what}")
        for person, learners, key_id, sealed in self._cursor.execute(_queries.people).fetchall():
            self._in_organisation(person, {person, *learners}, key_id, bytes(sealed))

    def _in_organisation(self, person: UUID, learners: set[UUID], key_id: UUID, sealed: bytes) -> None:
        where = f"person {person}"
        key = self.needed(where, key_id.bytes)
        if key is None:
            return
        if key.learner not in learners:
            self._say(where, f"person_keys.learner or people.key_id: key {key_id} is that of another learner")
        try:
            details = decode_details(key.unseal(sealed, bound_to(person)))
        except (InvalidTag, ValueError):
            self._say(where, f"people.sealed: it doesn't open with key {key_id}")
            return
        for number, identity in enumerate(details.identifiers, start=1):
            if self._learner(identity) not in learners:
                self._say(where, f"learners.digest or learners.learner: their identifier {number} isn't theirs")
