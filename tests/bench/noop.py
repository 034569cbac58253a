"""The limit for single POSTs: a Litestar app that reads the body and answers, served exactly as the product is.

    python -m tests.bench.noop DESCRIPTOR

It runs the product's own ``serve`` with another app, so that the server's settings can't differ.
"""

import sys
from typing import Any

from litestar import Litestar, Request, post
from litestar.response.base import ASGIResponse

import lrs.app
from lrs.cli.serve import serve
from lrs.settings import Settings

PATH = "/noop"


@post(PATH, status_code=200)
async def _answer(request: Request[Any, Any, Any]) -> ASGIResponse:
    await request.body()
    return ASGIResponse(body=b'["00000000-0000-4000-8000-000000000000"]')


def create(settings: Settings | None = None) -> Litestar:  # noqa: ARG001  # as the product's is called
    """Give the app."""
    return Litestar([_answer], openapi_config=None, logging_config=None)


if __name__ == "__main__":
    lrs.app.create = create
    serve(int(sys.argv[1]))
