"""A person's key: seals and opens what belongs to that person."""

import os
from hashlib import blake2b
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lrs.seal.master import KEY_BYTES, NONCE_BYTES

_PART = b"vliegwiel part"
"""BLAKE2b's personalisation, so that nothing else that is ever derived from a person's key is the same."""


class PersonKey:
    """One AES-256-GCM key with its id and the learner it belongs to.

    Sealed bytes are nonce (12) + ciphertext + tag (16). ``bound_to`` (the statement's id, say) is authenticated with
    them, so that sealed parts can't change places unnoticed. What is sealed with a salt is sealed under a key of its
    own; see ``part_key``.
    """

    __slots__ = ("_key", "id", "learner")

    def __init__(self, key_id: UUID, learner: UUID, key: bytes) -> None:
        self.id = key_id
        self.learner = learner
        self._key = key

    def __repr__(self) -> str:
        return f"PersonKey({self.id})"

    def seal(self, plain: bytes, bound_to: bytes, salt: bytes | None = None) -> bytes:
        """Seal bytes of this person."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self.key_of(bound_to, salt)).encrypt(nonce, plain, bound_to)

    def unseal(self, sealed: bytes, bound_to: bytes, salt: bytes | None = None) -> bytes:
        """Open sealed bytes; raises cryptography's InvalidTag if they were changed or moved, or for another salt."""
        opener = AESGCM(self.key_of(bound_to, salt))
        return opener.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)

    def key_of(self, bound_to: bytes, salt: bytes | None) -> bytes:
        """Give the key that a part is sealed under, for who may read that part: with a salt, it opens nothing else."""
        return self._key if salt is None else part_key(self._key, salt, bound_to)


def part_key(key: bytes, salt: bytes, context: bytes) -> bytes:
    """Derive the key of a statement's part: BLAKE2b, keyed with the person's key, over salt and context.

    Keyed BLAKE2b is a pseudorandom function (RFC 7693; Aumasson and others, "BLAKE2: simpler, smaller, fast as MD5",
    keyed hashing), and so derives keys, as it does in libsodium's ``crypto_kdf``. To the byte: digest length 32, key
    the person's 32 bytes, BLAKE2's own salt all zero, personalisation ``vliegwiel part`` and two zero bytes, message
    the statement's 32 bytes of salt and right behind them the context, which is what the part is bound to. That is the
    statement's id (16 bytes) and the number of the part (4 bytes, big-endian; 0 the text, 1… the mentions), or of an
    attachment its SHA-2 in lower-case hex digits (ASCII).
    """
    return blake2b(salt + context, digest_size=KEY_BYTES, key=key, person=_PART).digest()
