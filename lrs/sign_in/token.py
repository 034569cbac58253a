"""JSON Web Tokens of the provider: ID tokens, and access tokens that are JWTs (RFC 9068)."""

from collections.abc import Collection
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwt import Claims, JWTClaimsRegistry

from lrs.sign_in.provider import Key, Provider

ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
"""Signatures that are taken: by public key only, never ``none``, never by a shared secret."""
LEEWAY: Final = 60
"""Seconds that clocks may differ."""
_KINDS: Final = {"jwt", "at+jwt", "application/at+jwt"}
"""Other kinds (a logout token, a proof of possession) are signed by the same keys and mean something else."""
_LONGEST: Final = 16_384
_registry = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)


class BadToken(Exception):
    """A token that proves nothing; the message says why."""


async def claims(token: str, provider: Provider, audiences: Collection[str]) -> Claims:
    """Give what a token says, if signature, issuer, audience and times are right. Raises BadToken, ProviderAway."""
    header = _header(token)
    keys = await provider.keys(header.get("kid"))
    decoded = _decoded(token, header["alg"], keys)
    rules = JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "values": list(audiences)},
        exp={"essential": True},
        sub={"essential": True},
    )
    try:
        rules.validate(decoded)
    except ExpiredTokenError:
        raise BadToken("it has expired") from None
    except JoseError as error:
        raise BadToken(f"its claims are wrong: {error}") from None
    return decoded


def _header(token: str) -> dict[str, Any]:
    if len(token) > _LONGEST:
        raise BadToken("it is too long")
    try:
        header = jws.extract_compact(token.encode(), registry=_registry).headers()
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise BadToken("it is not a JSON Web Token") from None
    if header.get("alg") not in ALGORITHMS:
        raise BadToken(f"it is not signed by one of {', '.join(ALGORITHMS)}")
    if str(header.get("typ", "JWT")).lower() not in _KINDS:
        raise BadToken("it is neither an ID token nor an access token")
    if not isinstance(header.get("kid", ""), str):
        raise BadToken("its key id is not text")
    return header


def _decoded(token: str, algorithm: str, keys: list[Key]) -> Claims:
    for key in keys:
        if key.alg not in {None, algorithm}:
            continue
        try:
            return jwt.decode(token, key, registry=_registry).claims
        except (JoseError, ValueError, TypeError, RecursionError):
            continue
    raise BadToken("it is not signed by a key of the provider")
