"""Answers with an entity tag: what the client has already isn't sent again, nor another than it asks for.

RFC 9110 sections 13.1.1 and 13.1.2.
"""

from typing import Any

from litestar import Request
from litestar.response.base import ASGIResponse

from lrs.document import Conditions
from lrs.http.headers import listed
from lrs.problem import Problem


def answer(
    request: Request[Any, Any, Any], body: bytes, headers: dict[str, str], of_body: dict[str, str] | None = None
) -> ASGIResponse:
    """Answer a GET; ``headers`` have the ``etag``, those ``of_body`` go with a body only. Raises a Problem 412."""
    asked = conditions(request)
    if not asked.matches(headers["etag"]):
        raise Problem(412, f"this is not what If-Match means: its ETag is {headers['etag']}")
    if not asked.is_new(headers["etag"]):
        return ASGIResponse(status_code=304, headers=headers)
    return ASGIResponse(body=body, headers={**headers, **(of_body or {})})


def conditions(request: Request[Any, Any, Any]) -> Conditions:
    """Give the conditions that a request makes."""
    return Conditions(listed(request, "if-match"), listed(request, "if-none-match"))
