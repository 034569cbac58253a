"""The master key: wraps every other key; lives outside the database."""

import base64
import binascii
import os
import re
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lrs.errors import Told

KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D, 5.2.1.1: 96-bit nonces


class WrongMasterKey(Told):
    """The master key does not open what is stored: it is not the one the data was written with."""


class KeysLost(WrongMasterKey):
    """Something that the master key should open isn't there, or is damaged."""


class MasterKey:
    """AES-256-GCM key wrapping. A label says what is wrapped, so that wrapped keys can't change places.

    While keys are rotated there are several: the first one wraps, all of them open.
    """

    def __init__(self, key: bytes, *others: bytes) -> None:
        for one in (key, *others):
            if len(one) != KEY_BYTES:
                raise ValueError(f"a master key has {KEY_BYTES} bytes, not {len(one)}")
        self._ciphers = [AESGCM(one) for one in (key, *others)]

    def __repr__(self) -> str:
        return "MasterKey(…)"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read keys written as 64 hex digits or as base64 of 32 bytes, the first of them first, with space between.

        Usually it is one. ValueError says what is wrong, and nothing of the text.
        """
        keys = [_parsed(word) for word in text.split()]
        if not keys:
            raise ValueError(_WANTED)
        return cls(*keys)

    def wrap(self, plain: bytes, label: str) -> bytes:
        """Seal a key under the first master key."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(nonce, plain, label.encode())

    def unwrap(self, wrapped: bytes, label: str) -> bytes:
        """Open a wrapped key; raises WrongMasterKey."""
        return self._opened(wrapped, label)[1]

    def rewrap(self, wrapped: bytes, label: str) -> bytes | None:
        """Wrap anew what another than the first master key wrapped; None if there is no need. Raises WrongMasterKey."""
        cipher, plain = self._opened(wrapped, label)
        return None if cipher is self._ciphers[0] else self.wrap(plain, label)

    def _opened(self, wrapped: bytes, label: str) -> tuple[AESGCM, bytes]:
        for cipher in self._ciphers:
            try:
                return cipher, cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], label.encode())
            except (InvalidTag, ValueError):  # another key's; or too short to be anything
                continue
        raise WrongMasterKey(
            "the master key does not open the stored keys; start with the key this database was created with"
        )


_WANTED = "a master key is 32 bytes, written as 64 hex digits or as base64"


def _parsed(word: str) -> bytes:
    if re.fullmatch(r"[0-9a-fA-F]{64}", word):
        return bytes.fromhex(word)
    try:
        key = base64.b64decode(word, altchars=b"-_" if "-" in word or "_" in word else None, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(_WANTED) from None
    if len(key) != KEY_BYTES:
        raise ValueError(_WANTED)
    return key
