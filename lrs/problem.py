"""The one place where what went wrong becomes an HTTP answer: RFC 9457 problem details.

Rooms raise their own exceptions; :func:`describe` says which status each is, and nothing of the inside of the program
(a traceback, SQL, a path) ever reaches the client.
"""

import logging
from collections.abc import Mapping
from html import escape
from http import HTTPStatus
from typing import Final
from uuid import uuid4

import msgspec
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from litestar.response import Response

from lrs.accept import accepted
from lrs.document import Changed, TooLarge
from lrs.errors import Malformed, NotFound, NotReady, Refused
from lrs.log.work import Conflict, Unavailable
from lrs.seal import KeysLost, WrongMasterKey
from lrs.statement import Invalid, TooMuch

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_JSON: Final = frozenset({MEDIA_TYPE, "application/json", "application/*", "*/*"})
_IN_WORDS: Final = frozenset({"text/html", "text/plain", "text/*"})
RETRY_AFTER = 2
"""Seconds after which asking again makes sense when the database is away."""

_STATUS: Final = ((TooMuch, 413), (TooLarge, 413), (Invalid, 400), (Malformed, 400), (NotFound, 404), (Changed, 412))
"""Of what rooms refuse; the first that it is."""


class Problem(Exception):
    """A request that can't be answered as asked, with the status and the words for the client."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
    ) -> None:
        # Half of a surrogate pair, which JSON of a sender may hold, is nothing that can be sent.
        detail = detail.encode("utf-8", "backslashreplace").decode()
        super().__init__(detail)
        self.status = status
        self.title = HTTPStatus(status).phrase
        self.detail = detail
        self.headers = headers or {}
        self.members = members or {}

    def body(self) -> bytes:
        """Give what a program reads."""
        body = {"type": "about:blank", "title": self.title, "status": self.status, "detail": self.detail}
        return msgspec.json.encode({**body, **self.members})

    def text(self) -> bytes:
        """Give what a person reads."""
        return f"{self.status} {self.title}: {self.detail}\n".encode()

    def page(self) -> bytes:
        """Give what a person reads in a browser."""
        named = f"{self.status} {self.title}"
        return f"<!doctype html><title>{named}</title><h1>{named}</h1><p>{escape(self.detail)}</p>\n".encode()

    def response(self, accept: str | None = None) -> Response[bytes]:
        """Give the answer that goes to the client, as text or a page if its header Accept takes one, and no JSON.

        1.0.3 Communication 3.2 has an LRS allow for plain text, HTML and JSON in errors. But programs, too, say that
        they like a page best (Java's HttpURLConnection), without being able to read one. None: JSON whatever it takes.
        """
        kinds = accepted(accept or "")
        kind = next((one for one in kinds if one in _IN_WORDS), "")
        body, media_type = self.body(), MEDIA_TYPE
        if kind and _JSON.isdisjoint(kinds):
            body, media_type = (self.page(), "text/html") if kind == "text/html" else (self.text(), "text/plain")
        return Response(
            body,
            status_code=self.status,
            media_type=media_type,
            headers={**self.headers, **({} if accept is None else {"Vary": "Accept"})},
        )


class Gone(Problem):
    """The client hung up before its request was complete: nobody is left to read the answer."""

    def __init__(self) -> None:
        super().__init__(400, "the connection was closed in the middle of the request")


def describe(error: BaseException) -> Problem:
    """Give the problem an exception is, for the client; what nobody expected is logged here, with its traceback."""
    match error:
        case Problem():
            return error
        case NotReady() | Unavailable() | WrongMasterKey():
            return _unable(error)
        case Invalid() | Conflict() | Refused():
            return _refused(error)
        case HTTPException() if error.status_code < 500:
            return _of_framework(error)
        case _:
            reference = f"urn:uuid:{uuid4()}"
            _log.error("unexpected error, reported to the client as %s", reference, exc_info=error)
            detail = f"something went wrong here, not in your request; the log has it as {reference}"
            return Problem(500, detail, members={"instance": reference})


def _unable(error: NotReady | Unavailable | WrongMasterKey) -> Problem:
    """Give the problem that this server can't answer anybody now."""
    if isinstance(error, NotReady):
        return Problem(503, str(error))
    if isinstance(error, Unavailable):
        detail = "the database is away, full or read-only; what was sent may not be stored: send the same request again"
        return Problem(503, detail, headers={"Retry-After": str(RETRY_AFTER)})
    _log.error("%s", error)
    if isinstance(error, KeysLost):
        return Problem(
            503,
            "keys that are needed here are lost, damaged or wrapped by a master key that this server wasn't given: "
            "whoever runs it finds in its log which, and what to do",
        )
    return Problem(
        503,
        "this server was started with a master key that does not open what is stored: whoever runs it has to start it "
        "with the right one",
    )


def _refused(error: Invalid | Conflict | Refused) -> Problem:
    """Give the problem of what a room refuses."""
    # What has no status of its own could be done if things were otherwise.
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 409)
    match error:
        case Invalid():
            return Problem(status, str(error), members={"path": error.path})
        case Conflict():
            ids = [str(one) for one in error.ids]
            detail = f"a different statement is already stored under {', '.join(ids)}"
            return Problem(status, detail, members={"ids": ids})
        case _:
            return Problem(status, str(error))


def _of_framework(error: HTTPException) -> Problem:
    """Give a refusal of the framework in words of ours."""
    match error:
        case NotFoundException():
            return Problem(404, "there is nothing at this address")
        case MethodNotAllowedException():
            allowed = (error.headers or {}).get("allow", "").replace("GET", "GET, HEAD")
            return Problem(405, f"the methods of this resource are {allowed}", headers={"Allow": allowed})
        case _:
            return Problem(error.status_code, error.detail, headers=error.headers)
