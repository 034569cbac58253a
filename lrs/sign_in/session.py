"""What a browser keeps of a sign-in: sealed cookies. The server keeps nothing, so any process can answer."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from secrets import token_urlsafe
from time import time
from typing import Final, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec
from litestar.datastructures import Cookie
from msgspec import Struct

from lrs.sign_in.person import Person
from lrs.sign_in.token_seal import TokenSeal

_ATTEMPT_SECONDS: Final = 600
"""How long somebody may take at the provider."""


class Session(Struct, frozen=True):
    """A sign-in in a browser."""

    person: Person
    csrf: str
    """What a page sends back in the header ``X-CSRF-Token`` (or the form field ``csrf``) when it changes something."""
    expires: int
    """Seconds since 1970."""


class Attempt(Struct, frozen=True):
    """A sign-in that has begun and is now at the provider."""

    state: str
    nonce: str
    verifier: str
    """Proves that who brings the code is who began (RFC 7636)."""
    return_to: str
    expires: int

    def challenge(self) -> str:
        """Give the verifier's S256 challenge (RFC 7636, 4.2)."""
        return urlsafe_b64encode(sha256(self.verifier.encode()).digest()).decode().rstrip("=")


K = TypeVar("K", Session, Attempt)


class Cookies:
    """Writes and reads the two cookies. Methods raise Unavailable."""

    def __init__(self, seal: TokenSeal, base_url: str, session_hours: int) -> None:
        self._seal = seal
        self._secure = urlsplit(base_url).scheme == "https"
        # The prefix makes browsers refuse such a cookie from a neighbouring host (RFC 6265bis, 4.1.3.2).
        self.session_name = "__Host-vliegwiel" if self._secure else "vliegwiel"
        self.attempt_name = f"{self.session_name}-sign-in"
        self._seconds = session_hours * 3600

    async def new_session(self, person: Person) -> Cookie:
        """Give the cookie of a new session."""
        session = Session(person, token_urlsafe(32), int(time()) + self._seconds)
        return self._cookie(self.session_name, await self._sealed(session, "session"), self._seconds)

    async def session(self, value: str | None) -> Session | None:
        """Give the session of a cookie, if it is one that hasn't ended."""
        return await self._unsealed(value, Session, "session")

    async def new_attempt(self, return_to: str) -> tuple[Attempt, Cookie]:
        """Begin a sign-in."""
        expires = int(time()) + _ATTEMPT_SECONDS
        attempt = Attempt(token_urlsafe(32), token_urlsafe(32), token_urlsafe(48), return_to, expires)
        return attempt, self._cookie(self.attempt_name, await self._sealed(attempt, "sign-in"), _ATTEMPT_SECONDS)

    async def attempt(self, value: str | None) -> Attempt | None:
        """Give the sign-in of a cookie, if it hasn't taken too long."""
        return await self._unsealed(value, Attempt, "sign-in")

    def gone(self, which: Literal["session", "attempt"]) -> Cookie:
        """Give what removes a cookie."""
        return self._cookie(self.session_name if which == "session" else self.attempt_name, "", 0)

    async def _sealed(self, value: Session | Attempt, purpose: str) -> str:
        return await self._seal.seal(msgspec.msgpack.encode(value), purpose)

    async def _unsealed(self, value: str | None, kind: type[K], purpose: str) -> K | None:
        plain = None if value is None else await self._seal.unseal(value, purpose)
        if plain is None:
            return None
        try:
            found = msgspec.msgpack.decode(plain, type=kind)
        except msgspec.DecodeError:  # sealed by another version of this program
            return None
        return found if found.expires > time() else None

    def _cookie(self, name: str, value: str, seconds: int) -> Cookie:
        return Cookie(name, value=value, max_age=seconds, path="/", secure=self._secure, httponly=True, samesite="lax")
