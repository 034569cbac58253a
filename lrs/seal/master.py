"""The master key: wraps every other key; lives outside the database."""

import base64
import binascii
import os
import re
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D, 5.2.1.1: 96-bit nonces


class WrongMasterKey(Exception):
    """The master key does not open what is stored: it is not the one the data was written with."""


class MasterKey:
    """AES-256-GCM key wrapping. A label says what is wrapped, so that wrapped keys can't change places."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes, not {len(key)}")
        self._cipher = AESGCM(key)

    def __repr__(self) -> str:
        return "MasterKey(…)"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key written as 64 hex digits or as base64 of 32 bytes; ValueError says what is wrong."""
        text = text.strip()
        if re.fullmatch(r"[0-9a-fA-F]{64}", text):
            return cls(bytes.fromhex(text))
        try:
            return cls(base64.b64decode(text, altchars=b"-_" if "-" in text or "_" in text else None, validate=True))
        except (binascii.Error, ValueError):
            raise ValueError("a master key is 32 bytes, written as 64 hex digits or as base64") from None

    def wrap(self, plain: bytes, label: str) -> bytes:
        """Seal a key under the master key."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, label.encode())

    def unwrap(self, wrapped: bytes, label: str) -> bytes:
        """Open a wrapped key; raises WrongMasterKey."""
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], label.encode())
        except InvalidTag:
            raise WrongMasterKey(
                "the master key does not open the stored keys; start with the key this database was created with"
            ) from None
