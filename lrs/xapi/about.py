"""The About resource: what this LRS is and speaks. Open to everybody (1.0.3 Communication 2.8)."""

from importlib.metadata import version as installed
from typing import Any, Final

import msgspec
from litestar import Request, get
from litestar.response.base import ASGIResponse

from lrs.documentation import JSON, operation
from lrs.http import parameters
from lrs.xapi.version import SUPPORTED

_ABOUT: Final = msgspec.json.encode(
    {
        "version": SUPPORTED,
        "extensions": {
            "urn:vliegwiel:about": {
                "name": "Vliegwiel",
                "version": installed("vliegwiel"),
                "documentation": "/schema",
            }
        },
    }
)


@get(
    "/xapi/about",
    name="getAbout",
    tags=["About"],
    security=[],
    operation_class=operation(
        success=(200, "The versions."), answers=[f"{JSON} About"], problems=(400,), versioned=False
    ),
)
async def get_about(request: Request[Any, Any, Any]) -> ASGIResponse:
    """Give the xAPI versions this LRS speaks."""
    parameters.none(request.scope["query_string"])
    return ASGIResponse(body=_ABOUT)
