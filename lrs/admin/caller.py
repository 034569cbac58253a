"""Who asks the admin API."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.enums import HttpMethod

from lrs.credential import Credential, Credentials
from lrs.problem import Problem
from lrs.xapi.authorization import authenticated
from lrs.xapi.content_type import media_type


async def caller(request: Request[Any, Any, Any], credentials: NamedDependency[Credentials]) -> Credential:
    """Give the credential of the request's HTTP Basic header; each handler asks for the scope it needs."""
    if request.method == HttpMethod.POST:
        _refuse_other_sites(request)
    header = request.headers.get("authorization")
    return await authenticated(None if header is None else header.encode("latin-1"), credentials)


def _refuse_other_sites(request: Request[Any, Any, Any]) -> None:
    # A browser remembers the credentials somebody typed in, and sends them along with what a page of another site
    # makes it post: as a form or as text without asking first, and always saying from which site.
    content_type = request.headers.get("content-type", "application/json")
    if media_type(content_type) != "application/json":
        raise Problem(415, f"Content-Type is {content_type!r}: send application/json")
    if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise Problem(403, "a page of another site may not manage stores and credentials")
