"""Receipts of erasures: signed, with nothing personal in them, to be verified with nothing but a public key.

A receipt is a signed note (https://c2sp.org/signed-note): the line ``vliegwiel erasure receipt v1``, a line with the
name of the log, and a line of JSON with the facts.
"""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Final, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Meta, Struct, json

from lrs.audit.erasure.erasures import Erasure

FIRST_LINE: Final = "vliegwiel erasure receipt v1"
_ED25519: Final = b"\x01"


class Signed(NamedTuple):
    """A note and the public key that it is signed with, as C2SP writes them."""

    note: str
    key: str


Sign = Callable[[str], Signed]
"""Signs a text, which ends with a newline."""


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


def receipt(store: str, log: str, erasure: Erasure, sign: Sign) -> Receipt:
    """Make the receipt of an erasure in the log of this name; the same again each time, by the same key."""
    facts = Facts(store, erasure.position, erasure.stored.astimezone(UTC), erasure.person, erasure.erased.counts)
    text = f"{FIRST_LINE}\n{log}\n{json.encode(facts).decode()}\n"
    return Receipt(*sign(text))


def signing(name: str, seed: bytes) -> Sign:
    """Sign as somebody of this name with a private key of Ed25519 (32 bytes)."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public = _ED25519 + key.public_key().public_bytes_raw()
    key_id = sha256(name.encode() + b"\n" + public).digest()[:4]
    vkey = f"{name}+{key_id.hex()}+{base64.b64encode(public).decode()}"

    def sign(text: str) -> Signed:
        line = base64.b64encode(key_id + key.sign(text.encode())).decode()
        return Signed(f"{text}\n— {name} {line}\n", vkey)

    return sign
