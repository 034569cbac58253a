"""Keeps pages of other sites from making a browser change things here."""

from typing import Any

from litestar import Request

from lrs.errors import shown
from lrs.http.content_type import media_type
from lrs.problem import Problem


def refuse_other_sites(request: Request[Any, Any, Any]) -> None:
    """Refuse what a page of another site makes a browser send. Raises a Problem: 415 or 403."""
    # A browser remembers the credentials somebody typed in, and sends them along with what a page of another site
    # makes it post: as a form or as text without asking first, and always saying from which site.
    content_type = request.headers.get("content-type", "application/json")
    if media_type(content_type) != "application/json":
        raise Problem(415, f"Content-Type is {shown(content_type)}: send application/json")
    if request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise Problem(403, "a page of another site may not do this")
