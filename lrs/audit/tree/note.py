"""Signed notes: text signed by one or more keys. Source: C2SP signed-note (https://c2sp.org/signed-note)."""

import base64
import binascii
import struct
from collections.abc import Iterable
from hashlib import sha256
from typing import Final, NamedTuple, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519: Final = 1
COSIGNATURE: Final = 4
"""Timestamped Ed25519 cosignatures of witnesses: https://c2sp.org/tlog-cosignature."""
MOST_SIGNATURES: Final = 100
_MOST_BYTES: Final = 1 << 20


class BadNote(ValueError):
    """Text isn't a signed note, or a key isn't a verifier key; the message says why."""


class Signature(NamedTuple):
    """One line of signature."""

    name: str
    key_id: bytes
    """Four bytes."""
    signature: bytes

    def line(self) -> str:
        """Write it, with the newline."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


class Note(NamedTuple):
    """A text, which ends with a newline, and who signed it; nothing is verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        """Write it as it is sent and kept."""
        return f"{self.text}\n{''.join(one.line() for one in self.signatures)}"

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read a note. Raises BadNote."""
        if len(written) > _MOST_BYTES or any(sign < " " and sign != "\n" for sign in written):
            raise BadNote("a note is text without control characters, of at most a mebibyte")
        text, found, lines = written.rpartition("\n\n")
        if not found or not lines.endswith("\n"):
            raise BadNote("a note has a blank line before its signatures, and ends with a newline")
        signatures = signature_lines(lines)
        if not signatures:
            raise BadNote("a note has a signature")
        return cls(text + "\n", signatures)


def signature_lines(lines: str) -> tuple[Signature, ...]:
    """Read lines of signatures. Raises BadNote."""
    *read, rest = lines.split("\n")
    if len(read) > MOST_SIGNATURES or rest:
        raise BadNote(f"there are at most {MOST_SIGNATURES} signatures, each a line")
    return tuple(map(_signature, read))


def _signature(line: str) -> Signature:
    dash, name, encoded = (*line.split(" "), "", "")[:3]
    signed = _decoded(encoded)
    if dash != "—" or line.count(" ") != 2 or not _is_name(name) or signed is None or len(signed) < 5:
        raise BadNote(f"{line[:100]!r} is no line of signature: — NAME BASE64")
    return Signature(name, signed[:4], signed[4:])


class Verifier:
    """A public key that verifies signatures, of a log or of a witness."""

    def __init__(self, name: str, kind: int, public_key: bytes) -> None:
        self.name = name
        self._kind = kind
        self._public = public_key
        self.key_id = key_id(name, kind, public_key)
        self._key = Ed25519PublicKey.from_public_bytes(public_key)

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Read a verifier key: NAME+ID+BASE64. Raises BadNote."""
        name, id_, encoded = (*vkey.strip().split("+", 2), "", "")[:3]
        key = _decoded(encoded) or b""
        if not _is_name(name) or len(key) != 33 or key[0] not in {ED25519, COSIGNATURE}:
            raise BadNote(f"{vkey[:200]!r} is no verifier key with Ed25519: NAME+ID+BASE64")
        verifier = cls(name, key[0], key[1:])
        if verifier.key_id.hex() != id_:
            raise BadNote(f"{vkey[:200]!r} is no verifier key: its id isn't that of its name and key")
        return verifier

    def __str__(self) -> str:
        """Write it as a verifier key."""
        encoded = base64.b64encode(bytes([self._kind]) + self._public).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Verifier) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def signed(self, note: Note) -> bool:
        """Tell whether this key signed a note. Raises BadNote if a signature pretends to be this key's."""
        ours = [one for one in note.signatures if (one.name, one.key_id) == (self.name, self.key_id)]
        for one in ours:
            if not self._verifies(one.signature, note.text):
                raise BadNote(f"a signature of {self.name} doesn't verify: the note was changed, or is forged")
        return bool(ours)

    def _verifies(self, signature: bytes, text: str) -> bool:
        message = text.encode()
        if self._kind == COSIGNATURE:
            if len(signature) != 72:
                return False
            (time,) = struct.unpack(">Q", signature[:8])
            message = f"cosignature/v1\ntime {time}\n".encode() + message
            signature = signature[8:]
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Signer:
    """A private key that signs notes."""

    def __init__(self, name: str, seed: bytes) -> None:
        """``seed`` has 32 bytes: RFC 8032's private key."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, ED25519, self._key.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"Signer({self.verifier})"

    def sign(self, text: str) -> Signature:
        """Sign a text, which ends with a newline."""
        return Signature(self.verifier.name, self.verifier.key_id, self._key.sign(text.encode()))


def signed_note(text: str, signers: Iterable[Signer]) -> Note:
    """Make a note, signed by all of these."""
    return Note(text, tuple(signer.sign(text) for signer in signers))


def key_id(name: str, kind: int, public_key: bytes) -> bytes:
    """Give the four bytes that a key is known by beside its name."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:4]


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name)


def _decoded(encoded: str) -> bytes | None:
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    # One way to write it: bits beyond the last byte must not be free to change.
    return decoded if base64.b64encode(decoded).decode() == encoded else None
