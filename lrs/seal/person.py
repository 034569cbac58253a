"""A person's key: seals and opens what belongs to that person."""

import os
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lrs.seal.master import NONCE_BYTES


class PersonKey:
    """One AES-256-GCM key with its id and the learner it belongs to.

    Sealed bytes are nonce (12) + ciphertext + tag (16). ``bound_to`` (the statement's id, say) is authenticated with
    them, so that sealed parts can't change places unnoticed.
    """

    __slots__ = ("_cipher", "id", "learner")

    def __init__(self, key_id: UUID, learner: UUID, key: bytes) -> None:
        self.id = key_id
        self.learner = learner
        self._cipher = AESGCM(key)

    def __repr__(self) -> str:
        return f"PersonKey({self.id})"

    def seal(self, plain: bytes, bound_to: bytes = b"") -> bytes:
        """Seal bytes of this person."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, bound_to)

    def unseal(self, sealed: bytes, bound_to: bytes = b"") -> bytes:
        """Open sealed bytes; raises cryptography's InvalidTag if they were changed or moved."""
        return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
