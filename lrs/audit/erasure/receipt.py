"""Receipts of erasures: signed, with nothing personal in them, to be verified with nothing but a public key.

A receipt is a signed note (https://c2sp.org/signed-note), by the key that signs the log's checkpoints: the line
``vliegwiel erasure receipt v1``, a line with the log's origin, and a line of JSON with the facts.
"""

from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from msgspec import DecodeError, Meta, Struct, json

from lrs.audit.erasure.erasures import Erasure
from lrs.audit.tree.note import BadNote, Note, Signer, Verifier, signed_note

FIRST_LINE: Final = "vliegwiel erasure receipt v1"


class Facts(Struct, frozen=True):
    """What a receipt says."""

    store: str
    position: int
    """Of the event of the erasure in the store's log."""
    time: datetime
    person: UUID
    """A random id, which means nothing any more."""
    counts: dict[str, int]


class Receipt(Struct, frozen=True):
    """A receipt, and what to verify it with."""

    note: Annotated[str, Meta(description="A C2SP signed note: what is certified, and who signed")]
    key: Annotated[str, Meta(description="The public key (C2SP vkey). Get it by a way of its own to verify the note")]


_facts = json.Decoder(Facts).decode


def receipt(store: str, origin: str, erasure: Erasure, signer: Signer) -> Receipt:
    """Make the receipt of an erasure; the same again each time, by the same key."""
    facts = Facts(store, erasure.position, erasure.stored.astimezone(UTC), erasure.person, erasure.erased.counts)
    note = signed_note(f"{FIRST_LINE}\n{origin}\n{json.encode(facts).decode()}\n", [signer])
    return Receipt(str(note), str(signer.verifier))


def verified(written: str, verifier: Verifier) -> Facts:
    """Give what a receipt certifies. Raises BadNote if this key didn't sign it, or if it is none."""
    note = Note.parse(written)
    if not verifier.signed(note):
        raise BadNote(f"this isn't signed by {verifier.name}")
    lines = note.text.split("\n")
    if len(lines) != 4 or lines[0] != FIRST_LINE:
        raise BadNote("this note is no receipt of an erasure")
    try:
        return _facts(lines[2])
    except DecodeError as error:
        raise BadNote(f"this receipt can't be read: {error}") from None
