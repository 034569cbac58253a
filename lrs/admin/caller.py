"""Who asks the admin API."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request
from litestar.enums import HttpMethod

from lrs.api import refuse_other_sites, refuse_unknown
from lrs.credential import Credential, Credentials
from lrs.http.authorization import require, sender


def letting_in(credentials: Credentials) -> Callable[[Request[Any, Any, Any]], Awaitable[None]]:
    """Give what lets in requests of who has one of the ``scopes`` of their handler, before anything reads the body.

    It raises Problem: 401, 403, 415, or 400 for a query parameter that the handler doesn't know or that is given twice.
    """

    async def let_in(request: Request[Any, Any, Any]) -> None:
        found = await sender(request, credentials)
        require(found, *request.route_handler.opt["scopes"])
        if request.method == HttpMethod.POST:
            refuse_other_sites(request)
        refuse_unknown(request)
        request.scope["state"]["credential"] = found

    return let_in


def caller(request: Request[Any, Any, Any]) -> Credential:
    """Give the credential that was let in."""
    found: Credential = request.scope["state"]["credential"]
    return found
