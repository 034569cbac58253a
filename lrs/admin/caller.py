"""Who asks the admin API."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import QueryParameter

from lrs.credential import Credential, Credentials
from lrs.problem import Problem
from lrs.xapi import parameters
from lrs.xapi.authorization import authenticated
from lrs.xapi.content_type import media_type


async def caller(request: Request[Any, Any, Any], credentials: NamedDependency[Credentials]) -> Credential:
    """Give the credential of the request's HTTP Basic header; each handler asks for the scope it needs.

    Raises Problem: 401, or 400 for a query parameter that the handler doesn't know or that is given twice.
    """
    if request.method == HttpMethod.POST:
        refuse_other_sites(request)
    header = request.headers.get("authorization")
    found = await authenticated(None if header is None else header.encode("latin-1"), credentials)
    # Who writes dry_run for dryRun must not change things by it.
    parameters.parse(request.scope["query_string"], query_names(request).values())
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
        raise Problem(415, f"Content-Type is {content_type!r}: send application/json")
    if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise Problem(403, "a page of another site may not do this")
