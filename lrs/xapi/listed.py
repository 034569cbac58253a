"""Headers that are lists: they may come in several lines (RFC 9110 section 5.3)."""

from typing import Any

from litestar import Request


def listed(request: Request[Any, Any, Any], name: str) -> str | None:
    """Give a header, its lines in one; None if it isn't there."""
    lines = request.headers.getall(name, [])
    return ", ".join(lines) if lines else None
