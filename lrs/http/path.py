"""What the path of a request names."""

from typing import Any

from litestar import Request


def named(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Give the parameters of a path; what may hold slashes comes without the one that the router puts in front."""
    found = request.path_params
    return {name: one.removeprefix("/") if isinstance(one, str) else one for name, one in found.items()}
