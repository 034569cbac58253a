"""Says whether this process lives, and whether it can serve: for load balancers. Open to everybody."""

import asyncio
from typing import Any, Final

from litestar import Request, get
from litestar.response.base import ASGIResponse

from lrs.credential import Credentials
from lrs.documentation import JSON, operation
from lrs.log.work import Unavailable

_PATIENCE: Final = 2.0
"""Seconds the database gets to answer."""


@get(
    "/health/live",
    name="getLive",
    tags=["Health"],
    security=[],
    operation_class=operation(success=(200, "It lives."), answers=[f"{JSON} Health"], problems=(), versioned=False),
)
async def get_live() -> ASGIResponse:
    """Answer, which is all a living process has to do; the database doesn't matter here."""
    return ASGIResponse(body=b'{"status":"live"}')


@get(
    "/health/ready",
    name="getReady",
    tags=["Health"],
    security=[],
    operation_class=operation(
        success=(200, "It can serve."), answers=[f"{JSON} Health"], problems=(503,), versioned=False
    ),
)
async def get_ready(request: Request[Any, Any, Any]) -> ASGIResponse:
    """Tell whether the database answers and its keys can be opened: 200 if so, else 503."""
    credentials: Credentials = request.app.state.credentials
    try:
        # Whoever can't open the keys can serve nobody. Read once; a database that isn't migrated says so here.
        await asyncio.wait_for(asyncio.to_thread(credentials.registry.pepper), _PATIENCE)
        await asyncio.wait_for(asyncio.to_thread(credentials.registry.head), _PATIENCE)
    except TimeoutError:
        raise Unavailable("the database is not answering") from None
    return ASGIResponse(body=b'{"status":"ready"}')
