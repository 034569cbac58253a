"""Who asks the admin API."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency

from lrs.credential import Credential, Credentials
from lrs.xapi.authorization import authenticated


async def caller(request: Request[Any, Any, Any], credentials: NamedDependency[Credentials]) -> Credential:
    """Give the credential of the request's HTTP Basic header; each handler asks for the scope it needs."""
    header = request.headers.get("authorization")
    return await authenticated(None if header is None else header.encode("latin-1"), credentials)
