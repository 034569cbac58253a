"""The keys of a store's log: made, rotated, and how one key vouches for the next."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg import Connection
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.tree.note import BadNote, Note, Signer, Verifier, signed_note
from lrs.errors import NotFound
from lrs.seal import MasterKey, shared_secret

_queries = sql.load(__package__)
_FIRST_LINE = "vliegwiel key rotation v1"


class LogKey(NamedTuple):
    """A public key of a log, and the note by which the key before it vouches for it."""

    number: int
    verifier: Verifier
    endorsement: str
    """A note signed by the key before and by this one; empty for the first key."""
    made: datetime


def keys(connection: Connection[TupleRow]) -> list[LogKey]:
    """Give the keys of the store that the search path names, oldest first."""
    rows = connection.execute(_queries.keys)
    return [LogKey(number, Verifier.parse(vkey), endorsement, made) for number, vkey, endorsement, made in rows]


def signer(
    connection: Connection[TupleRow], schema: str, origin: str, master: MasterKey, made: Sequence[LogKey]
) -> Signer:
    """Give the key that signs now; the first one is made if there is none. Raises WrongMasterKey."""
    number = made[-1].number if made else 1
    current = _signer(connection, schema, origin, master, number)
    if not made:
        vkey = str(current.verifier)
        connection.execute(_queries.add_key, {"number": number, "vkey": vkey, "endorsement": ""})
    elif current.verifier != made[-1].verifier:
        raise BadNote(
            f"the private key {number} of {origin} isn't that of its public key: the table of keys was changed"
        )
    return current


def rotate(connection: Connection[TupleRow], schema: str, origin: str, master: MasterKey) -> LogKey:
    """Make a new key that signs from now on, vouched for by the one before. Raises NotFound if there is none yet."""
    made = keys(connection)
    if not made:
        raise NotFound("there is no key yet: `lrs notary` makes the first one")
    old = signer(connection, schema, origin, master, made)
    number = made[-1].number + 1
    new = _signer(connection, schema, origin, master, number)
    endorsement = str(signed_note(rotation_text(origin, old.verifier, new.verifier), [old, new]))
    connection.execute(_queries.add_key, {"number": number, "vkey": str(new.verifier), "endorsement": endorsement})
    return keys(connection)[-1]


def rotation_text(origin: str, old: Verifier, new: Verifier) -> str:
    """Give what both keys sign: its first line makes it unlike any checkpoint."""
    return f"{_FIRST_LINE}\n{origin}\n{old}\n{new}\n"


def successors(origin: str, known: Verifier, endorsements: Sequence[str]) -> list[Verifier]:
    """Give the keys that a known key leads to, itself first, by the notes that each key signed for the next.

    What isn't signed by both keys is passed over; a forged signature raises BadNote.
    """
    found = [known]
    for written in endorsements:
        note = Note.parse(written)
        lines = note.text.split("\n")
        if len(lines) != 5 or lines[2] != str(found[-1]):
            continue
        new = Verifier.parse(lines[3])
        if note.text == rotation_text(origin, found[-1], new) and found[-1].signed(note) and new.signed(note):
            found.append(new)
    return found


def secret_name(number: int) -> str:
    """Give the name of the store's secret that is the private key of this number."""
    return f"log key {number}"


def _signer(connection: Connection[TupleRow], schema: str, origin: str, master: MasterKey, number: int) -> Signer:
    # A secret of the store: 32 random bytes, which is what a private key of Ed25519 is.
    return Signer(origin, shared_secret(connection, schema, secret_name(number), master))
