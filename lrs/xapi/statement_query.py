"""Answers to GET /statements: which statements are asked for, in which format, as JSON or with attachments."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request
from litestar.openapi.spec import OpenAPIFormat
from litestar.response.base import ASGIResponse
from msgspec import UNSET
from msgspec.structs import replace

from lrs import statement as room
from lrs.batched import batched
from lrs.credential import Credential
from lrs.documentation import FLAG, NUMBER, Field
from lrs.http import parameters
from lrs.http.authorization import require
from lrs.http.headers import listed
from lrs.http.parameters import Parameters
from lrs.index import Page, Query, Recorded
from lrs.problem import Problem
from lrs.xapi import attachments, cursor, multipart
from lrs.xapi.caller import Caller
from lrs.xapi.multipart import Part
from schemas.xapi import Activity, Statement, SubStatement

PATH: Final = "/xapi/statements"

_SINGLE: Final = frozenset({"statementId", "voidedStatementId"})
_SHAPE: Final = frozenset({"format", "attachments"})
_FORMATS: Final = ("ids", "exact", "canonical")

PARAMETERS: Final = {
    "statementId": Field("Id of one statement.", format=OpenAPIFormat.UUID),
    "voidedStatementId": Field("Id of one voided statement.", format=OpenAPIFormat.UUID),
    "agent": Field("JSON of an Agent or identified Group that is actor or object."),
    "verb": Field("Id of the verb.", format=OpenAPIFormat.IRI),
    "activity": Field("Id of the activity that is the object.", format=OpenAPIFormat.IRI),
    "registration": Field("Registration of the context.", format=OpenAPIFormat.UUID),
    "related_activities": Field("Also find the activity in the context and in SubStatements.", FLAG),
    "related_agents": Field("Also find the agent as authority, instructor, team and in SubStatements.", FLAG),
    "since": Field("Only statements stored after this moment.", format=OpenAPIFormat.DATE_TIME),
    "until": Field("Only statements stored at or before this moment.", format=OpenAPIFormat.DATE_TIME),
    "limit": Field("Most statements in the answer; 0 for as many as the server gives.", NUMBER, least=0),
    "format": Field("How people, activities and verbs are given.", choices=_FORMATS),
    "attachments": Field("Answer as multipart/mixed, with the contents of attachments.", FLAG),
    "ascending": Field("Oldest first.", FLAG),
    "cursor": Field("Continues a query: part of a `more` link, not to be made by hand."),
}
_ALL: Final = PARAMETERS.keys() - {"cursor"}
_LARGEST_PAGE: Final = 500
"""Statements in one answer; also what ``limit=0`` means."""
_LARGEST_PAGE_WITH_ATTACHMENTS: Final = 50
_LONGEST_TOKEN: Final = 65_000
"""Bytes of a cursor that still fit in the target of a request, with what comes before it."""
_LARGEST_CANONICAL: Final = 8 << 20
"""Bytes of statements in one answer once definitions are put in: each may have all that is known of an activity."""
_MOST_DEFINITIONS: Final = 32 << 20
"""Bytes of definitions that are put into one statement."""
_DEFINED_AT_ONCE: Final = 25
"""Statements whose definitions are looked up together."""
_LARGEST_CONTENTS: Final = 32 << 20
"""Bytes of attachments in one answer, unless a single statement has more: they are held in memory, more than once."""


async def answer(request: Request[Any, Any, Any], who: Caller) -> ASGIResponse:
    """Answer one GET."""
    require(who.credential, "statements/read/mine")
    query = parameters.parse(request.scope["query_string"], PARAMETERS)
    after = None
    if "cursor" in query:
        query, after = _continued(query)
    if query.keys() & _SINGLE:
        return await _single(request, who, query)
    return await _page(request, who, query, after)


def _continued(query: Parameters) -> tuple[Parameters, int]:
    """Give the query that a cursor continues, and behind which position.

    Some clients (ralph) send what they asked first along with the cursor of the ``more`` link.
    """
    continued = cursor.parse(query["cursor"])
    asked = parameters.parse(continued.query.encode(), _ALL)
    beside = _short({name: value for name, value in query.items() if name != "cursor"})
    for name, value in beside.items():
        if asked.get(name) != value:
            raise Problem(400, f"{name} is another than what cursor continues: follow the more link as it was given")
    return asked, continued.after


async def _single(request: Request[Any, Any, Any], who: Caller, query: Parameters) -> ASGIResponse:
    if len(query.keys() & _SINGLE) > 1 or query.keys() - _SINGLE - _SHAPE:
        raise Problem(400, "statementId and voidedStatementId go alone, or with format and attachments")
    wanted = parameters.identifier(query, "statementId")
    voided = parameters.identifier(query, "voidedStatementId")
    mine = _restriction(who.credential)
    if wanted is not None:
        found = await who.store.statement(wanted, mine=mine)
    elif voided is not None:
        found = await who.store.voided(voided, mine=mine)
    if found is None:
        raise Problem(404, f"there is no {'voided ' if wanted is None else ''}statement {wanted or voided} here")
    texts = await _formatted(request, who, query, [found])
    return await _response(who, query, [found], texts[0], _dated(found.stored))


async def _page(request: Request[Any, Any, Any], who: Caller, query: Parameters, after: int | None) -> ASGIResponse:
    page, consistent_through = await who.store.select(_query(who, query, after))
    if parameters.boolean(query, "attachments"):
        page = _cut(page, await who.store.attachment_sizes([one.position for one in page.statements]))
    texts = await _formatted(request, who, query, page.statements)
    page = _first(page, len(texts))
    more = b""
    if page.after is not None:
        token = cursor.Cursor(urlencode(_short(query)), page.after).token()
        if len(token) > _LONGEST_TOKEN:
            raise Problem(400, "more is found than fits on a page, and the query is too long for a link to the rest")
        # A proxy in front may have taken the first part of the public path off.
        more = f"{request.app.state.base_path}{PATH}?cursor={token}".encode()
    result = b'{"statements":[' + b",".join(texts) + b'],"more":"' + more + b'"}'
    request.scope["state"]["consistent_through"] = consistent_through
    # 2.0: the latest of those that are given (IEEE 9274.1.1, 4.1.6.1).
    newest = max((one.stored for one in page.statements), default=None)
    return await _response(who, query, page.statements, result, {} if newest is None else _dated(newest))


def _dated(moment: datetime) -> dict[str, str]:
    """Say since when it is as it is; but a cache can't tell by that for how long: it may be voided, others may come."""
    return {"last-modified": format_datetime(moment, usegmt=True), "cache-control": "no-cache"}


def _first(page: Page, size: int) -> Page:
    """Leave all but the first statements of a page to the next one."""
    if size == len(page.statements):
        return page
    return Page(page.statements[:size], page.statements[size - 1].position)


def _cut(page: Page, sizes: Mapping[int, int]) -> Page:
    """Leave the last statements of a page to the next one, if the contents of attachments would become too many."""
    total = 0
    for place, one in enumerate(page.statements):
        total += sizes.get(one.position, 0)
        if place and total > _LARGEST_CONTENTS:
            return _first(page, place)
    return page


def _short(query: Parameters) -> Parameters:
    """Leave out what an agent isn't found by: a group may have thousands of members, and an address has an end."""
    agent = parameters.actor(query, "agent")
    if agent is None:
        return query
    return {**query, "agent": msgspec.json.encode(replace(agent, name=UNSET, member=UNSET)).decode()}


def _query(who: Caller, query: Parameters, after: int | None) -> Query:
    largest = _LARGEST_PAGE_WITH_ATTACHMENTS if parameters.boolean(query, "attachments") else _LARGEST_PAGE
    agent = parameters.actor(query, "agent")
    if agent is not None and not room.is_identified(agent):
        raise Problem(400, "agent: an anonymous group can't be looked for; give an Agent or an identified Group")
    return Query(
        agent=None if agent is None else room.identity(agent),
        verb=parameters.iri(query, "verb"),
        activity=parameters.iri(query, "activity"),
        registration=parameters.identifier(query, "registration"),
        related_agents=parameters.boolean(query, "related_agents"),
        related_activities=parameters.boolean(query, "related_activities"),
        since=parameters.moment(query, "since", who.version),
        until=parameters.moment(query, "until", who.version),
        limit=min(parameters.number(query, "limit") or largest, largest),
        ascending=parameters.boolean(query, "ascending"),
        mine=_restriction(who.credential),
        after=after,
    )


def _restriction(credential: Credential) -> str | None:
    """Give the authority whose statements alone this credential may read; None if it may read all."""
    return None if credential.allows("statements/read") else room.identity(credential.authority)


async def _formatted(
    request: Request[Any, Any, Any], who: Caller, query: Parameters, found: list[Recorded]
) -> list[bytes]:
    """Give the texts of statements; of the first ones only, where definitions make all too large for one answer."""
    match parameters.choice(query, "format", _FORMATS, "exact"):
        case "ids":
            return [room.ids(room.read(one.text)) for one in found]
        case "canonical":
            return await _canonical(who, found, room.accepted_languages(listed(request, "accept-language")))
        case _:
            return [one.text for one in found]


async def _canonical(who: Caller, found: list[Recorded], languages: room.Languages) -> list[bytes]:
    texts: list[bytes] = []
    size = 0
    for some in batched(found, _DEFINED_AT_ONCE):
        statements = [room.read(one.text) for one in some]
        definitions = await who.store.definitions(list({iri for one in statements for iri in _activities(one)}))
        for one in statements:
            # One statement may name an activity a thousand times: it then keeps what it says of them itself.
            fits = sum(len(definitions.get(iri, b"")) for iri in _activities(one)) <= _MOST_DEFINITIONS
            texts.append(room.canonical(one, languages, definitions if fits else {}))
            size += len(texts[-1])
            if size > _LARGEST_CANONICAL:
                return texts
        # Others have a turn between.
        await asyncio.sleep(0)
    return texts


def _activities(event: Statement | SubStatement) -> Iterator[str]:
    """Name the activities of a statement that are given with a definition."""
    if isinstance(event.object, Activity):
        yield event.object.id
    elif isinstance(event.object, SubStatement):
        yield from _activities(event.object)
    if event.context and event.context.context_activities:
        around = event.context.context_activities
        for _, group in room.activity_lists(around):
            if isinstance(group, list):
                yield from (activity.id for activity in group)


async def _response(
    who: Caller, query: Parameters, found: list[Recorded], body: bytes, headers: dict[str, str]
) -> ASGIResponse:
    if query.get("format") == "canonical":
        headers = {**headers, "vary": "Accept-Language"}
    if not parameters.boolean(query, "attachments"):
        return ASGIResponse(body=body, headers=headers)
    held = await who.store.attachments([one.position for one in found])
    first = Part({"Content-Type": "application/json"}, body)
    kind, body = multipart.write([first, *attachments.parts_of((one.text for one in found), held)])
    return ASGIResponse(body=body, headers=headers, media_type=kind)
