"""Who asks the admin API."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request
from litestar.enums import HttpMethod
from litestar.params import QueryParameter

from lrs.credential import Credential, Credentials
from lrs.problem import Problem
from lrs.statement.errors import shown
from lrs.xapi import parameters
from lrs.xapi.authorization import authenticated, require
from lrs.xapi.content_type import media_type


def letting_in(credentials: Credentials) -> Callable[[Request[Any, Any, Any]], Awaitable[None]]:
    """Give what lets in requests of who has one of the ``scopes`` of their handler, before anything reads the body.

    It raises Problem: 401, 403, 415, or 400 for a query parameter that the handler doesn't know or that is given twice.
    """

    async def let_in(request: Request[Any, Any, Any]) -> None:
        header = request.headers.get("authorization")
        found = await authenticated(None if header is None else header.encode("latin-1"), credentials)
        require(found, *request.route_handler.opt["scopes"])
        if request.method == HttpMethod.POST:
            refuse_other_sites(request)
        # Who writes dry_run for dryRun must not change things by it.
        parameters.parse(request.scope["query_string"], query_names(request).values())
        request.scope["state"]["credential"] = found

    return let_in


def caller(request: Request[Any, Any, Any]) -> Credential:
    """Give the credential that was let in."""
    found: Credential = request.scope["state"]["credential"]
    return found


def query_names(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Give the query parameters that the request's handler takes, by what they are called in the program."""
    taken = request.route_handler.parsed_fn_signature.parameters
    said = ((name, one.kwarg_definition) for name, one in taken.items())
    return {name: kwarg.name or name for name, kwarg in said if isinstance(kwarg, QueryParameter)}


def refuse_other_sites(request: Request[Any, Any, Any]) -> None:
    """Refuse what a page of another site makes a browser send. Raises a Problem."""
    # A browser remembers the credentials somebody typed in, and sends them along with what a page of another site
    # makes it post: as a form or as text without asking first, and always saying from which site.
    content_type = request.headers.get("content-type", "application/json")
    if media_type(content_type) != "application/json":
        raise Problem(415, f"Content-Type is {shown(content_type)}: send application/json")
    if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise Problem(403, "a page of another site may not do this")
