"""What the gateway found out about a request, for the resources."""

from typing import Any, NamedTuple

from litestar import Request

from lrs.credential import Credential
from lrs.statement import Version
from lrs.store import Store


class Caller(NamedTuple):
    """Who asks, in which version of xAPI, of which store."""

    credential: Credential
    version: Version
    store: Store


def caller(request: Request[Any, Any, Any]) -> Caller:
    """Give what is known of a request; the same is in ``request.state`` by these names."""
    state = request.scope["state"]
    return Caller(state["credential"], state["version"], state["store"])
