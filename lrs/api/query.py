"""The query parameters of handlers, which the framework reads for them."""

from typing import Any

from litestar import Request
from litestar.params import QueryParameter

from lrs.http import parameters


def query_names(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Give the query parameters that the request's handler takes, by what they are called in the program."""
    taken = request.route_handler.parsed_fn_signature.parameters
    said = ((name, one.kwarg_definition) for name, one in taken.items())
    return {name: kwarg.name or name for name, kwarg in said if isinstance(kwarg, QueryParameter)}


def refuse_unknown(request: Request[Any, Any, Any]) -> None:
    """Refuse a query parameter that the handler doesn't know, or that is given twice. Raises a Problem 400."""
    # Who writes dry_run for dryRun must not change things by it.
    parameters.parse(request.scope["query_string"], query_names(request).values())
