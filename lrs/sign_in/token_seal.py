"""Seals what a browser or a client keeps for us: nobody else can read, make or change it."""

import asyncio
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lrs.log.connect import connect_to
from lrs.log.datastore import AWAY
from lrs.log.work import Unavailable
from lrs.seal import MasterKey, shared_secret
from lrs.store_name import CONTROL

_SEAL = "browser seal"
_NONCE_BYTES = 12  # NIST SP 800-38D, 5.2.1.1
_LONGEST = 65_536  # cursors hold whole IRIs


class TokenSeal:
    """AES-256-GCM under a key of its own for each purpose, from a secret that all processes share.

    ``purpose`` names what is sealed and what it belongs to: opened for another purpose, it is nothing.
    """

    def __init__(self, load: Callable[[], bytes]) -> None:
        """Take what gives the secret; it is asked at the first use, in a thread, and may raise Unavailable."""
        self._load = load
        self._secret: bytes | None = None

    async def seal(self, plain: bytes, purpose: str) -> str:
        """Give a token fit for cookies and URLs. Raises Unavailable."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + (await self._cipher(purpose)).encrypt(nonce, plain, None)
        return urlsafe_b64encode(sealed).decode().rstrip("=")

    async def unseal(self, token: str, purpose: str) -> bytes | None:
        """Open a token; None if it wasn't sealed here for this purpose. Raises Unavailable."""
        if len(token) > _LONGEST:
            return None
        try:
            sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            cipher = await self._cipher(purpose)
            return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except (ValueError, InvalidTag):
            return None

    async def _cipher(self, purpose: str) -> AESGCM:
        if self._secret is None:
            self._secret = await asyncio.to_thread(self._load)
        return AESGCM(blake2b(purpose.encode(), key=self._secret, digest_size=32).digest())


def stored_secret(url: str, master: MasterKey) -> bytes:
    """Give the secret in the control schema, made at the very first use. Raises Unavailable, WrongMasterKey."""
    try:
        with connect_to(CONTROL, url, "sign-in") as connection:
            return shared_secret(connection, CONTROL, _SEAL, master)
    except AWAY as error:
        raise Unavailable("the database is not answering") from error
