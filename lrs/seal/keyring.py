"""The keys of the persons of one store."""

import os
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Self
from uuid import UUID, uuid4

from psycopg import Connection, Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.batched import batched
from lrs.known import remembered
from lrs.seal.kinds import OF_PERSONS
from lrs.seal.master import KEY_BYTES, KeysLost, MasterKey, WrongMasterKey
from lrs.seal.person import PersonKey
from lrs.seal.secret import first_secret

_queries = sql.load(__package__)
_DIGEST_KEY = "digest key"
_REMEMBERED = 65_536
_AT_ONCE = 1000
"""Persons whose keys are looked up by one command."""
_REMEMBERED_LENGTH = 512
"""Longer values are digested each time, so that nobody can fill memory with them."""


class Keyring:
    """Finds, makes and opens persons' keys. Methods that take a cursor run on it, in its transaction if any."""

    GONE = _queries.gone
    """Looks up which of these ``key_ids`` are gone."""

    def __init__(self, schema: str, master: MasterKey, digest_key: bytes) -> None:
        self._schema = schema
        self._master = master
        self._digest_key = digest_key
        self._remembered_digest = lru_cache(_REMEMBERED)(self._compute_digest)
        self.terms_of = remembered(self._terms_of)
        """Gives, for a kind of thing, what turns a value into its ``term``."""
        # Unwrapping is remembered by the wrapped bytes, so a key that is gone from the table is never used again.
        self._open = lru_cache(_REMEMBERED)(self._unwrap)

    @classmethod
    def open(cls, connection: Connection[TupleRow], schema: str, master: MasterKey) -> Self:
        """Open the keyring of a store; made at its first use. Raises WrongMasterKey, KeysLost."""
        return cls(schema, master, first_secret(connection, schema, _DIGEST_KEY, master))

    def digest(self, kind: str, value: str) -> UUID:
        """Keyed digest (BLAKE2b, 128 bits) of anything personal: same value, same digest, in this store only."""
        if len(value) <= _REMEMBERED_LENGTH:
            return UUID(bytes=self._remembered_digest(kind, value))
        return UUID(bytes=self._compute_digest(kind, value))

    def term(self, kind: str, value: str) -> bytes:
        """Give the 16 bytes that the index knows a thing by: its digest, or of an identity its ``person_term``."""
        return self.terms_of(kind)(value)

    def person_term(self, kind: str, digest: UUID) -> bytes:
        """Give the term of a person whose identity has this digest.

        It follows from the digest alone, so that a learner's statements can be found by who no longer, or never, knew
        the identity: the table of learners holds its digest.
        """
        return blake2b(kind.encode() + digest.bytes, key=self._digest_key, digest_size=16).digest()

    def _terms_of(self, kind: str) -> Callable[[str], bytes]:
        if kind in OF_PERSONS:
            return remembered(lambda value: self.person_term(kind, self.digest("identity", value)))
        return remembered(partial(self._compute_digest, kind))

    def _compute_digest(self, kind: str, value: str) -> bytes:
        text = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return blake2b(text, key=self._digest_key, digest_size=16).digest()

    def of(self, cursor: Cursor[TupleRow], identities: Collection[str]) -> dict[str, PersonKey]:
        """Give the current key of each identity; persons not seen before become learners with a key.

        With a cursor of an autocommit connection new keys are committed before this returns. Raises KeysLost.
        """
        by_digest = {self.digest("identity", identity): identity for identity in identities}
        # Piece by piece: a request may name a hundred thousand, and whoever shares the event loop has a turn between.
        pieces = batched(sorted(by_digest), _AT_ONCE)
        return {by_digest[digest]: key for piece in pieces for digest, key in self._found(cursor, piece).items()}

    def _found(self, cursor: Cursor[TupleRow], digests: Sequence[UUID]) -> dict[UUID, PersonKey]:
        """Give the keys of learners, those who are new included."""
        found = self._current(cursor, digests)
        while missing := [digest for digest in digests if digest not in found]:
            found |= self._added(cursor, missing)
            if others := list(set(missing) - set(found)):
                # Another process added them just now; or their key was lost.
                found |= self._current(cursor, others)
                if keyless := [learner for (learner,) in cursor.execute(_queries.keyless, {"digests": others})]:
                    raise self.lost("of learner", keyless)
            # Whoever is still missing was forgotten in between, and comes again as somebody new.
        return found

    def _added(self, cursor: Cursor[TupleRow], digests: Sequence[UUID]) -> dict[UUID, PersonKey]:
        """Add learners; gives the keys of those who weren't there."""
        learners = [uuid4() for _ in digests]
        key_ids = [uuid4() for _ in digests]
        keys = [os.urandom(KEY_BYTES) for _ in digests]
        wrapped = [
            self._master.wrap(key, key_label(self._schema, key_id)) for key_id, key in zip(key_ids, keys, strict=True)
        ]
        cursor.execute(
            _queries.add_learners,
            {
                "digests": sql.uuids(digests),
                "learners": sql.uuids(learners),
                "key_ids": sql.uuids(key_ids),
                "wrapped": wrapped,
            },
        )
        new = dict(zip(digests, map(PersonKey, key_ids, learners, keys), strict=True))
        return {digest: new[digest] for (digest,) in cursor}

    def by_id(self, cursor: Cursor[TupleRow], key_ids: Collection[UUID]) -> dict[UUID, PersonKey]:
        """Give these keys; the ones that an erasure destroyed are absent.

        Raises KeysLost for one that is absent otherwise, or damaged: it is never taken for a person who was forgotten.
        """
        found = self.held(cursor, key_ids)
        if absent := [key_id for key_id in key_ids if key_id not in found]:
            # In this order: an erasure notes what it destroys in the same commit, so what it took is noted by now.
            destroyed = {key_id for (key_id,) in cursor.execute(_queries.destroyed, {"key_ids": sql.uuids(absent)})}
            if lost := sorted({*absent} - destroyed):
                raise self.lost("with the id", lost)
        return found

    def held(self, cursor: Cursor[TupleRow], key_ids: Collection[UUID]) -> dict[UUID, PersonKey]:
        """Give those of these keys that are there, whyever others aren't. Raises KeysLost for one that is damaged."""
        rows = cursor.execute(_queries.keys_by_id, {"key_ids": sql.uuids(key_ids)}).fetchall()
        return {key_id: self._open(key_id, learner, bytes(wrapped)) for key_id, learner, wrapped in rows}

    def lost(self, which: str, ids: Sequence[UUID]) -> KeysLost:
        """Give the error that keys are gone though no erasure destroyed them."""
        more = f" (and {len(ids) - 1:,} more)" if len(ids) > 1 else ""
        return KeysLost(
            f"the key {which} {ids[0]}{more} is gone from {self._schema}.person_keys though no erasure destroyed it: "
            "put that row back from a backup (docs/keys.md); `lrs audit check` names all that are lost"
        )

    def _current(self, cursor: Cursor[TupleRow], digests: Sequence[UUID]) -> dict[UUID, PersonKey]:
        rows = cursor.execute(_queries.current_keys, {"digests": sql.uuids(digests)})
        return {digest: self._open(key_id, learner, bytes(wrapped)) for digest, key_id, learner, wrapped in rows}

    def _unwrap(self, key_id: UUID, learner: UUID, wrapped: bytes) -> PersonKey:
        try:
            key = self._master.unwrap(wrapped, key_label(self._schema, key_id))
        except WrongMasterKey:
            # It isn't the wrong one for all: it opened the store's own secret, or there would be no keyring.
            raise KeysLost(
                f"the key with the id {key_id} in {self._schema}.person_keys is damaged, or wrapped by a master key "
                "that isn't given: the one that is opens others. While the master key is changed, whatever runs needs "
                "both; otherwise put that row back from a backup (docs/keys.md). `lrs key check` counts such keys, "
                "`lrs audit check` names them"
            ) from None
        return PersonKey(key_id, learner, key)


def key_label(schema: str, key_id: UUID) -> str:
    """Give the label that a person's key is wrapped with."""
    return f"{schema}/person/{key_id}"
