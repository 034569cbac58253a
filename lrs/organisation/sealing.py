"""Seals who people are under their own keys, and opens it again."""

from collections.abc import Collection, Mapping
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.seal import Keyring, PersonKey
from schemas.configuration_event import Details, SealedDetails, decode_details, encode_details

_queries = sql.load(__package__)


def bound_to(person: UUID) -> bytes:
    """Give what sealed details are bound to: whose they are, so that they can't change places."""
    return b"details" + person.bytes


def open_details(
    cursor: Cursor[TupleRow], keyring: Keyring, sealed: Mapping[UUID, SealedDetails]
) -> dict[UUID, Details]:
    """Open the details of persons; those who were forgotten are left out."""
    keys = keyring.by_id(cursor, {one.key for one in sealed.values()})
    return {
        person: decode_details(keys[one.key].unseal(one.sealed, bound_to(person)))
        for person, one in sealed.items()
        if one.key in keys
    }


def seal_details(details: Mapping[UUID, Details], keys: Mapping[UUID, PersonKey]) -> dict[UUID, SealedDetails]:
    """Seal the details of persons, each under the key of theirs that is given."""
    return {
        person: SealedDetails(keys[person].id, keys[person].seal(encode_details(one), bound_to(person)))
        for person, one in details.items()
    }


def keys_of_learners(cursor: Cursor[TupleRow], keyring: Keyring, learners: Collection[UUID]) -> dict[UUID, PersonKey]:
    """Give the current key of each of these learners; those that were forgotten are absent. Raises KeysLost."""
    rows = cursor.execute(_queries.keys_of_learners, {"learners": list(learners)}).fetchall()
    if keyless := [learner for learner, key_id in rows if key_id is None]:
        raise keyring.lost("of learner", keyless)
    keys = keyring.by_id(cursor, [key_id for _, key_id in rows])
    return {learner: keys[key_id] for learner, key_id in rows if key_id in keys}
