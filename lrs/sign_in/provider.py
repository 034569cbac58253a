"""The OpenID Connect provider that people sign in with: where it is, its keys, and codes for tokens.

OpenID Connect Discovery 1.0 says where everything is; JSON Web Key sets (RFC 7517) are fetched again when a token
names a key that isn't known, because providers rotate them.
"""

import asyncio
import logging
import time
from math import inf
from typing import Any, Final, TypeVar
from urllib.parse import quote

import httpx
import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OctKey, OKPKey, RSAKey
from msgspec import Struct

from lrs.problem import Problem

_log = logging.getLogger(__name__)

Key = RSAKey | ECKey | OKPKey

_FRESH: Final = 3600.0
"""Seconds after which discovery and keys are fetched again."""
_PAUSE: Final = 30.0
"""Seconds between fetches of keys: made-up tokens must not make us call the provider all the time."""
_REST: Final = 2.0
"""Seconds for which a provider that couldn't be reached isn't asked again: nobody waits for the same news twice."""
_PATIENCE: Final = 5.0
_LARGEST: Final = 1 << 20
_RETRY_AFTER: Final = "10"


class Metadata(Struct, frozen=True):
    """What we use of the provider's description (Discovery 1.0, 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _KeySet(Struct, frozen=True):
    keys: tuple[dict[str, Any], ...]


class _Tokens(Struct, frozen=True):
    id_token: str


T = TypeVar("T")


class ProviderAway(Problem):
    """The provider can't be asked now: nobody is refused for that."""

    def __init__(self, reason: str) -> None:
        _log.warning("the sign-in provider can't be used: %s", reason)
        detail = "the sign-in provider can't be reached now: try again in a while"
        super().__init__(503, detail, headers={"Retry-After": _RETRY_AFTER})


class Provider:
    """Asks the provider. For one event loop; ``close`` it when done. Methods raise ProviderAway."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer = issuer
        self.client_id = client_id
        self._client_secret = client_secret
        self._client: httpx.AsyncClient | None = None
        self._fetching = asyncio.Lock()
        self._metadata: Metadata | None = None
        self._metadata_at = -inf
        self._asked_at = -inf
        self._keys: dict[str | None, list[Key]] = {}
        self._keys_at = -inf
        self._tried_at = -inf

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def metadata(self) -> Metadata:
        """Give the provider's description of itself, no older than an hour if it can be reached."""
        if time.monotonic() - self._metadata_at > _FRESH:
            async with self._fetching:
                now = time.monotonic()
                if now - self._metadata_at > _FRESH and now - self._asked_at > _REST:
                    await self._discover()
        if self._metadata is None:
            raise ProviderAway("it was asked a moment ago")
        return self._metadata

    async def keys(self, key_id: str | None) -> list[Key]:
        """Give the keys a token may be signed by: those of its key id, all if it names none."""
        if self._wants_keys(key_id):
            metadata = await self.metadata()
            async with self._fetching:
                if self._wants_keys(key_id):
                    await self._fetch_keys(metadata)
        return self._known(key_id)

    async def id_token(self, code: str, verifier: str, redirect_uri: str) -> str | None:
        """Exchange an authorization code for an ID token (RFC 6749, 4.1.3; RFC 7636, 4.5); None if it is refused."""
        metadata = await self.metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
            "client_id": self.client_id,
        }
        auth: httpx.Auth | None = None
        if self._client_secret and "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            # RFC 6749, 2.3.1: both are form-encoded before they become Basic credentials.
            auth = httpx.BasicAuth(quote(self.client_id, safe=""), quote(self._client_secret, safe=""))
        elif self._client_secret:
            form["client_secret"] = self._client_secret
        try:
            response = await self._http().post(metadata.token_endpoint, data=form, auth=auth or httpx.Auth())
        except httpx.HTTPError as error:
            raise ProviderAway(f"{metadata.token_endpoint}: {error!r}") from None
        if 400 <= response.status_code < 500:
            _log.warning("the sign-in provider refuses a code: %s", response.text[:300])
            return None
        return self._read(response, _Tokens).id_token

    async def _discover(self) -> None:
        self._asked_at = time.monotonic()
        try:
            address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = await self._get(address, Metadata)
            self._recognise(found)
        except ProviderAway:
            if self._metadata is None:
                raise
        else:
            self._metadata, self._metadata_at = found, time.monotonic()

    def _recognise(self, found: Metadata) -> None:
        if found.issuer != self.issuer:
            raise ProviderAway(f"it calls itself {found.issuer!r}: set LRS_OIDC_ISSUER to that, if it is right")

    def _wants_keys(self, key_id: str | None) -> bool:
        now = time.monotonic()
        return (now - self._keys_at > _FRESH or not self._known(key_id)) and now - self._tried_at > _PAUSE

    async def _fetch_keys(self, metadata: Metadata) -> None:
        try:
            fetched = await self._get(metadata.jwks_uri, _KeySet)
        except ProviderAway:
            if not self._keys:
                raise
            return
        finally:
            self._tried_at = time.monotonic() - (0 if self._keys else _PAUSE - _REST)
        keys: dict[str | None, list[Key]] = {}
        for given in fetched.keys:
            if (key := _usable(given)) is not None:
                keys.setdefault(given.get("kid"), []).append(key)
        self._keys, self._keys_at = keys, time.monotonic()

    def _known(self, key_id: str | None) -> list[Key]:
        if key_id is None:
            return [key for keys in self._keys.values() for key in keys]
        # Providers with a single key may leave its id out of the set.
        return self._keys.get(key_id) or self._keys.get(None, [])

    async def _get(self, address: str, kind: type[T]) -> T:
        try:
            response = await self._http().get(address)
        except httpx.HTTPError as error:
            raise ProviderAway(f"{address}: {error!r}") from None
        return self._read(response, kind)

    def _read(self, response: httpx.Response, kind: type[T]) -> T:
        if response.status_code != 200 or len(response.content) > _LARGEST:
            raise ProviderAway(f"{response.url} answers {response.status_code}")
        try:
            return msgspec.json.decode(response.content, type=kind)
        except msgspec.DecodeError as error:
            raise ProviderAway(f"{response.url} answers something else than expected: {error}") from None

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=_PATIENCE, headers={"Accept": "application/json"})
        return self._client


def _usable(given: dict[str, Any]) -> Key | None:
    """Give a key that signs; kinds that we don't know may be in the set too."""
    if given.get("use", "sig") != "sig":
        return None
    try:
        key = JWKRegistry.import_key(given)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    # A shared secret in a public document signs nothing.
    return None if isinstance(key, OctKey) else key
