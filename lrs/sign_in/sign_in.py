"""Signing in: bearer tokens for programs that act for somebody, the authorization code flow for browsers.

OpenID Connect Core 1.0, 3.1, with PKCE (RFC 7636), state and nonce.
"""

from collections.abc import Mapping
from contextlib import suppress
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from litestar.datastructures import Cookie

from lrs.problem import Problem
from lrs.settings import Settings
from lrs.sign_in.person import Person, Reading, Unacceptable
from lrs.sign_in.session import Cookies, Session
from lrs.sign_in.token_seal import TokenSeal

if TYPE_CHECKING:
    from lrs.sign_in.provider import Provider

CALLBACK: Final = "/sign-in/callback"


class SignIn:
    """Who somebody is, by the provider of the settings. For one event loop; ``close`` it when done."""

    def __init__(self, settings: Settings, seal: TokenSeal) -> None:
        """Take the settings; raises SettingsError."""
        self.cookies = Cookies(seal, settings.base_url(), settings.session_hours)
        self.base_url = settings.base_url()
        self._provider = _provider(settings) if settings.oidc_issuer else None
        self._scopes = " ".join(dict.fromkeys(("openid", *settings.oidc_scopes)))
        self._audiences = (settings.oidc_client_id, *settings.oidc_audiences)
        self._reading = Reading(settings)

    async def close(self) -> None:
        """Close the connections to the provider."""
        if self._provider is not None:
            await self._provider.close()

    @property
    def available(self) -> bool:
        """Whether there is a provider."""
        return self._provider is not None

    async def bearer(self, token: str) -> Person:
        """Give who a bearer token (RFC 6750) speaks for."""
        if self._provider is None:
            raise Problem(401, "bearer tokens are not taken here: no sign-in provider is set")
        from lrs.sign_in.token import BadToken, claims

        try:
            return self._reading.person(await claims(token, self._provider, self._audiences))
        except BadToken as error:
            detail = f"the bearer token is not valid: {error}"
            raise Problem(401, detail, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}) from None
        except Unacceptable as error:
            raise Problem(403, str(error)) from None

    async def session(self, cookies: Mapping[str, str]) -> Session | None:
        """Give the session of a browser, if it has one."""
        return await self.cookies.session(cookies.get(self.cookies.session_name))

    async def begin(self, return_to: str) -> tuple[str, Cookie]:
        """Give the provider's address for somebody who wants to sign in, and the cookie to send along."""
        provider = self._required()
        metadata = await provider.metadata()
        attempt, cookie = await self.cookies.new_attempt(return_to)
        query = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": self.base_url + CALLBACK,
            "scope": self._scopes,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge(),
            "code_challenge_method": "S256",
        }
        address = metadata.authorization_endpoint
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}", cookie

    async def finish(self, answer: Mapping[str, str], cookies: Mapping[str, str]) -> tuple[Person, str]:
        """Give who comes back from the provider with this answer, and where they were going."""
        provider = self._required()
        attempt = await self.cookies.attempt(cookies.get(self.cookies.attempt_name))
        if attempt is None or not compare_digest(attempt.state.encode(), answer.get("state", "").encode()):
            raise Problem(400, "this sign-in wasn't begun in this browser, or took too long: begin again at /sign-in")
        if "error" in answer:
            reason = answer.get("error_description") or answer["error"]
            raise Problem(403, f"the sign-in provider refuses: {reason[:300]}")
        # RFC 9207: an answer of another provider must not be taken for this one's.
        if answer.get("iss", provider.issuer) != provider.issuer or not answer.get("code"):
            raise Problem(400, "this is not the answer of our sign-in provider: begin again at /sign-in")
        token = await provider.id_token(answer["code"], attempt.verifier, self.base_url + CALLBACK)
        if token is None:
            raise Problem(400, "the sign-in provider doesn't accept this answer any more: begin again at /sign-in")
        return self._reading_of(await self._claims_of(token, attempt.nonce)), attempt.return_to

    async def farewell(self) -> str:
        """Give where a browser goes that signs out (RP-Initiated Logout 1.0, 2)."""
        provider, end = self._provider, None
        if provider is not None:
            from lrs.sign_in.provider import ProviderAway

            with suppress(ProviderAway):  # whoever wants to leave this server can
                end = (await provider.metadata()).end_session_endpoint
        if provider is None or end is None:
            return f"{self.base_url}/"
        query = urlencode({"client_id": provider.client_id, "post_logout_redirect_uri": f"{self.base_url}/"})
        return f"{end}{'&' if '?' in end else '?'}{query}"

    async def _claims_of(self, token: str, nonce: str) -> Mapping[str, Any]:
        from lrs.sign_in.token import BadToken, claims

        provider = self._required()
        try:
            found = await claims(token, provider, [provider.client_id])
        except BadToken as error:
            raise Problem(502, f"the sign-in provider's answer proves nothing: {error}") from None
        if not compare_digest(str(found.get("nonce", "")).encode(), nonce.encode()):
            raise Problem(400, "this sign-in answers another one: begin again at /sign-in")
        # Core 3.1.3.7: a token for several audiences says whom it was made for.
        if found.get("azp", provider.client_id) != provider.client_id:
            raise Problem(502, "the sign-in provider's answer was made for another program")
        return found

    def _reading_of(self, found: Mapping[str, Any]) -> Person:
        try:
            return self._reading.person(found)
        except Unacceptable as error:
            raise Problem(403, str(error)) from None

    def _required(self) -> "Provider":
        if self._provider is None:
            raise Problem(404, "nobody can sign in here: no sign-in provider is set (LRS_OIDC_ISSUER)")
        return self._provider


def _provider(settings: Settings) -> "Provider":
    # Much to load, and many have no provider; hence ``token`` is imported where it is used, too.
    from lrs.sign_in.provider import Provider

    return Provider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)
