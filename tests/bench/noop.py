"""The limits for single POSTs: the product's own server, with handlers that read the body, answer, and do nothing else.

python -m tests.bench.noop DESCRIPTOR
"""

import sys
from typing import Any

from litestar import Litestar, Request, post
from litestar.response.base import ASGIResponse

import lrs.app
from lrs.cli.serve import serve
from lrs.settings import Settings
from lrs.start import run

PATH = "/noop"
"""Nothing but the server and the router."""
XAPI_PATH = "/xapi/noop"
"""What every xAPI request passes as well: who asks, which version, how much."""

_create = lrs.app.create


@post([PATH, XAPI_PATH], status_code=200)
async def _answer(request: Request[Any, Any, Any]) -> ASGIResponse:
    await request.body()
    return ASGIResponse(body=b'["00000000-0000-4000-8000-000000000000"]')


def create(settings: Settings | None = None) -> Litestar:
    """Give the product's app with the handlers added."""
    app = _create(settings)
    app.register(_answer)
    return app


def main() -> None:
    """Serve."""
    lrs.app.create = create
    serve(int(sys.argv[1]))


if __name__ == "__main__":
    run(__name__)
