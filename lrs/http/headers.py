"""The headers of requests and answers."""

from typing import Any

from litestar import Request

Headers = list[tuple[bytes, bytes]]
"""As ASGI has them: names in lower case."""


def listed(request: Request[Any, Any, Any], name: str) -> str | None:
    """Give a header that is a list, whose lines are one (RFC 9110 section 5.3); None if it isn't there."""
    lines = request.headers.getall(name, [])
    return ", ".join(lines) if lines else None
