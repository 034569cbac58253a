"""Who asks, and whether they may: HTTP Basic authentication and xAPI's scopes (1.0.3 Communication 4)."""

import binascii
from base64 import b64decode
from typing import Any, Final

from litestar import Request

from lrs.credential import Credential, Credentials, Scope
from lrs.problem import Problem

_CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="xAPI", charset="UTF-8"'}


async def sender(request: Request[Any, Any, Any], credentials: Credentials) -> Credential:
    """Give the credential of whoever sent a request. Raises Problem (400, 401)."""
    return await authenticated(authorization(request), credentials)


def authorization(request: Request[Any, Any, Any]) -> bytes | None:
    """Give the Authorization header; None if there is none. Raises Problem (400) if there are several."""
    given = [value for name, value in request.scope["headers"] if name == b"authorization"]
    if len(given) > 1:
        raise Problem(400, "the header authorization is given more than once: send it once")
    return given[0] if given else None


async def authenticated(header: bytes | None, credentials: Credentials) -> Credential:
    """Give the credential that an Authorization header holds. Raises Problem (401)."""
    basic = _basic(header or b"")
    if basic is None:
        raise _unauthorized("send an Authorization header: HTTP Basic with key and secret")
    credential = await credentials.authenticate(*basic)
    if credential is None:
        raise _unauthorized("this key and secret open nothing here")
    return credential


def require(credential: Credential, *scopes: Scope) -> None:
    """Refuse a credential that has none of these scopes."""
    if not any(credential.allows(scope) for scope in scopes):
        raise Problem(403, f"this credential lacks the scope {' or '.join(scopes)}")


def _unauthorized(detail: str) -> Problem:
    return Problem(401, detail, headers=_CHALLENGE)


def _basic(header: bytes) -> tuple[str, str] | None:
    """Give key and secret of an HTTP Basic header (RFC 7617), read as UTF-8; None if it is none."""
    scheme, _, token = header.strip().partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        key, colon, secret = b64decode(token.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (key, secret) if colon else None
