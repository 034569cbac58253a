"""Secrets of credentials: made here, shown once, kept as a keyed digest only."""

import secrets
from hashlib import blake2b
from typing import Self

PEPPER = "credential pepper"
"""Name of the control schema's shared secret that keys the digests."""
DIGEST_BYTES = 32


class Secret:
    """A secret on its way to whoever asked for it. Printing or logging it by accident shows nothing."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @classmethod
    def new(cls) -> Self:
        """Make a secret of 256 random bits."""
        return cls(secrets.token_urlsafe(32))

    def reveal(self) -> str:
        """Give the secret itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"


class Pepper:
    """Keys the digests, so that a copy of the database alone can't be searched for secrets, weak ones included.

    Keyed BLAKE2b (RFC 7693) and not a slow password hash: the pepper, not the cost of a guess, is what protects a weak
    secret, and every request pays for the check.
    """

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "Pepper(…)"

    def digest(self, secret: str) -> bytes:
        """Give the digest of a secret."""
        text = secret.encode("utf-8", "surrogatepass")
        return blake2b(text, key=self._key, digest_size=DIGEST_BYTES).digest()
