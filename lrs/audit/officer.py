"""Lets privacy officers in, and nobody who forges their requests."""

from collections.abc import Awaitable, Callable
from hmac import compare_digest
from typing import Any

from litestar import Request
from litestar.enums import HttpMethod

from lrs.api import refuse_other_sites, refuse_unknown
from lrs.insights.caller import Caller, Door
from lrs.problem import Problem
from lrs.seal import Keyring


def letting_in(door: Door) -> Callable[[Request[Any, Any, Any]], Awaitable[None]]:
    """Give what lets in requests of who may guard the privacy of a store's people, before anything reads the body.

    It raises Problem: 401, 403 or 415, and 400 for a query parameter that nobody knows.
    """

    async def let_in(request: Request[Any, Any, Any]) -> None:
        caller = await door.caller(request, "privacy")
        if not caller.guards_privacy:
            raise Problem(403, "this is for privacy officers: the role privacy, or a credential with that scope")
        if request.method != HttpMethod.GET:
            refuse_other_sites(request)
            _refuse_forged(request, caller)
        refuse_unknown(request)
        request.scope["state"]["officer"] = caller

    return let_in


def officer(request: Request[Any, Any, Any]) -> Caller:
    """Give the officer that was let in."""
    found: Caller = request.scope["state"]["officer"]
    return found


def known_as(keyring: Keyring, caller: Caller) -> str:
    """Give what the record has of who asks: a credential's key, of a person a keyed digest."""
    if caller.credential is not None:
        return caller.credential.key
    return str(keyring.digest("caller", caller.identity or caller.name))


def _refuse_forged(request: Request[Any, Any, Any], caller: Caller) -> None:
    if caller.csrf is not None:
        given = request.headers.get("x-csrf-token", "")
        if not compare_digest(given.encode(), caller.csrf.encode()):
            raise Problem(403, "the CSRF token is missing or wrong: send the session's csrf as X-CSRF-Token")
