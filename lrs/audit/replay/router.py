"""``/audit/v1/replay``: a learning history over HTTP, page by page."""

import asyncio
from itertools import islice
from typing import Annotated, Any, Final
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get
from msgspec import Meta, Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.access import Known, known
from lrs.api import answer
from lrs.audit import html
from lrs.audit.replay.event import Event
from lrs.audit.replay.replay import Replay, Span
from lrs.audit.replay.written import csv_lines, page
from lrs.documentation import NUMBER, Field, refusing
from lrs.http import parameters
from lrs.insights import Insights, documentation
from lrs.insights.csv import MEDIA_TYPE as CSV
from lrs.problem import Problem
from projections.replay.read import NAMES

USUAL: Final = 100
MOST: Final = 500
_AT_ONCE: Final = 2
"""Replays at a time: each folds a history."""
_FORMATS: Final = ("json", "csv", "html")
PARAMETERS: Final = {
    "learner": Field(
        "Whose: the id of a learner or person, or an xAPI identifier (`ann@example.org`, `account:https://lms.example "
        "ann`, `mbox_sha1sum:…`, `openid:…`). An id is better: addresses end up in the logs of proxies.",
        required=True,
    ),
    "from": Field("First position of the log, or day (UTC) or time of storing (RFC 3339); the beginning if left out."),
    "until": Field("Last position of the log, or day or time of storing; the end if left out."),
    "projection": Field("Only what this projection says.", choices=NAMES),
    "limit": Field(f"Most events in the answer: 1 to {MOST}, {USUAL} if left out.", NUMBER, least=1, most=MOST),
    "format": Field("JSON, CSV for spreadsheets (a line a changed value), or a page to print.", choices=_FORMATS),
}


class History(Struct, frozen=True, kw_only=True):
    """Part of a learning history."""

    person: UUID
    learners: Annotated[list[UUID], Meta(description="Ids of the learners that are this person")]
    first: Annotated[int, Meta(description="First position of the log that was looked at")]
    last: Annotated[int, Meta(description="Last one")]
    projections: list[str]
    events: list[Event]
    next: Annotated[str | None, Meta(description="Address of the events after these; null: these are the last")]


def replay_router(insights: Insights, base_url: str) -> Router:
    """Give the router; ``base_url`` is where clients reach the server."""
    base_path = urlsplit(base_url).path
    turn = asyncio.Semaphore(_AT_ONCE)

    @get(
        "/replay",
        operation_id="replay",
        summary="Replay a learning history",
        operation_class=documentation.operation(PARAMETERS, csv=True),
        responses={**documentation.whole(History), **refusing(404)},
    )
    async def replay(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Each event of a person's history, and what it did.

        When it happened, when we knew, what it was taken to mean, under which policy and organisation, and what it
        changed in each projection. For auditors, administrators and credentials with `audit/read`. That somebody
        looked is recorded, and shown to the person it is about.
        """
        caller = await insights.door.caller(request, "audit/read")
        if not caller.audits:
            raise Problem(403, "histories are replayed by auditors and administrators")
        given = parameters.parse(request.scope["query_string"], PARAMETERS)
        learner = parameters.required(given, "learner")
        form, limit = _form(given), _limit(given)
        store = await insights.stores.get(caller.store)
        span = Span(given.get("from"), given.get("until"), given.get("projection"))

        def read(cursor: Cursor[TupleRow]) -> tuple[Replay, list[Event], Known | None]:
            replayed = Replay(cursor, store.log, learner, span)
            events = list(islice(replayed.events(), limit + 1))
            return replayed, events, known(cursor, store.log.keyring, caller.reader)

        async with turn:
            replayed, events, as_who = await store.run(read)
        ids = replayed.whose.ids
        await insights.access.seen(store.name, caller.reader, ids, "replay", as_who, at_once=True)
        following = None
        if len(events) > limit:
            rest = {**given, "from": str(events[limit].position), "until": str(replayed.bounds.last)}
            following = f"{base_path}{request.scope['path']}?{urlencode(rest)}"
        return _written(replayed, events[:limit], form, following)

    return Router(
        "/audit/v1",
        route_handlers=[replay],
        exception_handlers={Exception: answer},
        security=[{"bearer": []}, {"session": []}, {"basic": []}],
        tags=["Audit"],
    )


def _written(replayed: Replay, events: list[Event], form: str, following: str | None) -> Response[bytes]:
    headers = {**html.HEADERS, "Vary": "Authorization, Cookie"}
    if following is not None:
        headers["Link"] = f'<{following}>; rel="next"'
    if form == "html":
        return Response(
            b"".join(page(replayed, events, following=following)),
            media_type="text/html",
            headers=headers,
        )
    if form == "csv":
        headers["Content-Disposition"] = 'attachment; filename="history.csv"'
        return Response(b"".join(csv_lines(events)), media_type=CSV, headers=headers)
    found = History(
        person=replayed.whose.person,
        learners=sorted(replayed.whose.ids),
        first=replayed.bounds.first,
        last=replayed.bounds.last,
        projections=list(replayed.names),
        events=events,
        next=following,
    )
    return Response(msgspec.json.encode(found), media_type="application/json", headers=headers)


def _form(given: parameters.Parameters) -> str:
    form = given.get("format", "json")
    if form not in _FORMATS:
        raise Problem(400, f"the query parameter format is {form[:100]!r}: it must be one of {', '.join(_FORMATS)}")
    return form


def _limit(given: parameters.Parameters) -> int:
    text = given.get("limit", str(USUAL))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MOST):
        raise Problem(400, f"the query parameter limit is {text[:100]!r}: it must be a whole number from 1 to {MOST}")
    return int(text)
