"""What the admin API answers when a request can't be carried out: problem details, like the rest of the program."""

from typing import Any

from litestar import Request, Response
from litestar.exceptions import ValidationException

from lrs.credential import ChangedMeanwhile, Malformed, NotFound, Refused, Revoked, Taken
from lrs.problem import Problem, describe

_STATUS: dict[type[Refused], int] = {Malformed: 400, NotFound: 404, Taken: 409, Revoked: 409, ChangedMeanwhile: 409}


def answer(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Give the response for an error raised while a request was answered."""
    return _problem(error).response()


def _problem(error: Exception) -> Problem:
    match error:
        case Refused():
            return Problem(_STATUS.get(type(error), 503), str(error))
        case ValidationException():
            return Problem(400, _reasons(error))
        case _:
            return describe(error)


def _reasons(error: ValidationException) -> str:
    found = error.extra if isinstance(error.extra, list) else []
    reasons = [f"{one['key']}: {one['message']}" if one.get("key") else str(one.get("message")) for one in found]
    return "; ".join(reasons) or error.detail
