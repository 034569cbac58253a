"""What our APIs answer when a request can't be carried out: problem details, like the rest of the program."""

from typing import Any

from litestar import Request, Response
from litestar.exceptions import ValidationException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from msgspec.inspect import is_struct_type
from msgspec.structs import fields

from lrs.api.query import query_names
from lrs.http.body import too_large
from lrs.problem import Problem, describe


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Give the response for an error raised while a request was answered."""
    return _problem(request, error).response()


def _problem(request: Request[Any, Any, Any], error: Exception) -> Problem:
    match error:
        case ValidationException():
            return Problem(400, _reasons(request, error))
        case RequestEntityTooLarge() if limit := request.route_handler.resolve_request_max_body_size():
            return too_large(limit)
        case RecursionError() if "deserializing" in str(error):  # not one in our own program
            return Problem(400, "the body is nested too deeply")
        case _:
            return describe(error)


def _reasons(request: Request[Any, Any, Any], error: ValidationException) -> str:
    found = error.extra if isinstance(error.extra, list) else []
    names = {"data": "the body", **query_names(request)}
    reasons = []
    for one in found:
        key, message = one.get("key"), one.get("message")
        if (key, message) == ("data", "'data'"):  # the framework's words for a body that isn't there
            reasons.append(f"the body is empty: send JSON{_wanted(request)}")
        else:
            reasons.append(f"{names.get(key, key)}: {message}" if key else str(message))
    return "; ".join(reasons) or error.detail


def _wanted(request: Request[Any, Any, Any]) -> str:
    """Give the properties of the body that the request's handler wants, in words."""
    body = request.route_handler.parsed_data_field
    kind = body.annotation if body else None
    return f" with {' or '.join(field.encode_name for field in fields(kind))}" if is_struct_type(kind) else ""
