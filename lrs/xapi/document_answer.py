"""Answers about documents, the same for the three document resources (1.0.3 Communication 2.2, 3.1)."""

from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final

from litestar import Request
from litestar.response.base import ASGIResponse

from lrs.document import Content, Documents, Key, Place
from lrs.errors import shown
from lrs.http import body, tagged
from lrs.problem import Problem
from lrs.statement import formats
from lrs.xapi.caller import Caller

_UNTYPED: Final = "application/octet-stream"
_AS_DATA: Final = {
    # Anybody who may write documents says what is in them: no browser is to run it as a page of this server.
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox",
}


async def give(
    request: Request[Any, Any, Any], who: Caller, place: Place, document: str | None, since: datetime | None
) -> ASGIResponse:
    """Answer a GET: with one document, or with the ids of those in a place."""
    documents = _documents(request, who)
    if document is None:
        listing = await documents.ids(place, since)
        return _given(request, listing.body, "application/json", listing.etag, listing.updated)
    found = await documents.get(Key(place, document))
    if found is None:
        raise Problem(404, "there is no such document")
    data, content_type = found.content
    return _given(request, data, content_type, found.content.etag, found.updated)


async def put(request: Request[Any, Any, Any], who: Caller, key: Key) -> ASGIResponse:
    """Answer a PUT: the document becomes what the request holds."""
    content = await _content(request)
    etag = await _documents(request, who).put(
        key, content, tagged.conditions(request), by=who.credential.key, version=who.version
    )
    return ASGIResponse(status_code=204, headers={"etag": etag})


async def post(request: Request[Any, Any, Any], who: Caller, key: Key) -> ASGIResponse:
    """Answer a POST: what the request holds is merged into the document."""
    content = await _content(request)
    etag = await _documents(request, who).merge(key, content, tagged.conditions(request), by=who.credential.key)
    return ASGIResponse(status_code=204, headers={"etag": etag})


async def delete(request: Request[Any, Any, Any], who: Caller, place: Place, document: str | None) -> ASGIResponse:
    """Answer a DELETE of one document, or of all in a place. Deleting what isn't there is fine."""
    documents = _documents(request, who)
    if document is None:
        await documents.delete_all(place, tagged.conditions(request), by=who.credential.key)
    else:
        await documents.delete(Key(place, document), tagged.conditions(request), by=who.credential.key)
    return ASGIResponse(status_code=204)


def _documents(request: Request[Any, Any, Any], who: Caller) -> Documents:
    return Documents(who.store, request.app.state.document_limits)


def _given(
    request: Request[Any, Any, Any], data: bytes, content_type: str, etag: str, updated: datetime | None
) -> ASGIResponse:
    # Without it a cache may go by Last-Modified, and answer with what was there before.
    headers = {"etag": etag, "cache-control": "no-cache"}
    if updated is not None:
        headers["last-modified"] = format_datetime(updated, usegmt=True)
    return tagged.answer(request, data, headers, {"content-type": content_type, **_AS_DATA})


async def _content(request: Request[Any, Any, Any]) -> Content:
    content_type = request.headers.get("content-type", _UNTYPED)
    if not formats.media_type(content_type):
        raise Problem(400, f"Content-Type: {shown(content_type)} is not a media type such as application/json")
    return Content(await body.read(request.receive), content_type)
