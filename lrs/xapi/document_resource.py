"""The three document resources differ in what their documents are about; all else is here."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from litestar import Request, delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from lrs.credential import Scope
from lrs.document import Key, Place
from lrs.documentation import ANYTHING, JSON, Field, operation
from lrs.http import parameters
from lrs.http.authorization import require
from lrs.http.parameters import Parameters
from lrs.problem import Problem
from lrs.statement import identity, parse_actor
from lrs.xapi import document_answer as answer
from lrs.xapi.caller import caller

ACTIVITY: Final = {"activityId": Field("The activity's id, an IRI.", required=True)}
AGENT: Final = {"agent": Field("The agent, as JSON.", required=True)}
_SINCE: Final = {"since": Field("Only ids of documents changed after this moment.")}
_ANYTHING: Final = (ANYTHING,)
_STORED: Final = (204, "It is stored.")
_CONDITIONS: Final = {
    "If-Match": "Only if the document's ETag is this; `*`: only if there is one.",
    "If-None-Match": "`*`: only if there is none yet.",
}
_ETAG: Final = "SHA-1 of the document, in quotes: what `If-Match` takes."


class DocumentResource(NamedTuple):
    """One of the document resources."""

    path: str
    title: str
    """In words; handlers are named after it."""
    reading: Scope
    writing: Scope
    place_fields: Mapping[str, Field]
    """The parameters that say what a document is about."""
    place: Callable[[Parameters], Place]
    id: str
    """The parameter that names one document."""
    deletes_all: bool
    """Whether a DELETE that names no document deletes all of them."""


def activity(query: Parameters) -> str:
    """Give the activity a request is about."""
    parameters.required(query, "activityId")
    return str(parameters.iri(query, "activityId"))


def agent(query: Parameters) -> str:
    """Give the identity of the agent a request is about."""
    found = parse_actor(parameters.required(query, "agent"), "agent")
    if found.object_type == "Group":
        # 1.0.3 Communication 2.6: "an Agent Object and not a Group".
        raise Problem(400, "agent: is a Group; for a group's documents put its identifier in an Agent")
    return identity(found)


def handlers(resource: DocumentResource) -> list[HTTPRouteHandler]:
    """Give what answers the requests for a resource."""
    path, title = resource.path, resource.title
    called = title.replace(" ", "")
    one = {**resource.place_fields, resource.id: Field("The document's id.", required=True)}
    some = {**resource.place_fields, resource.id: Field("The document's id; without it, the request is about all.")}
    listed = {**some, **_SINCE}
    deleted = some if resource.deletes_all else one

    def key(request: Request[Any, Any, Any]) -> Key:
        query = parameters.parse(request.scope["query_string"], one)
        parameters.required(query, resource.id)
        return Key(resource.place(query), str(_name(query, resource.id)))

    @get(
        path,
        name=f"get{called}",
        operation_id=f"get{called}",
        summary=f"Get {title}",
        description=f"Give one {title} document, or the ids of all.",
        operation_class=operation(
            query=listed,
            success=(200, f"The document; without `{resource.id}`, the ids of all."),
            answers=[f"{JSON} DocumentOrIds", ANYTHING],
            problems=(400, 401, 403, 404, 503),
            answer_headers={"Last-Modified": "When it was last changed."},
            etag=_ETAG,
        ),
    )
    async def give(request: Request[Any, Any, Any]) -> ASGIResponse:
        who = caller(request)
        require(who.credential, resource.reading)
        query = parameters.parse(request.scope["query_string"], listed)
        since, name = parameters.moment(query, "since", who.version), _name(query, resource.id)
        if since is not None and name is not None:
            # Two different requests (1.0.3 Communication 2.3); a parameter out of its context is refused (3.2).
            raise Problem(400, f"since is for the ids of all documents, {resource.id} for one: leave one of them out")
        return await answer.give(request, who, resource.place(query), name, since)

    # Litestar's 204 is for handlers that return None; what these return has its own status.
    @put(
        path,
        status_code=200,
        name=f"put{called}",
        operation_id=f"put{called}",
        summary=f"Put {title}",
        description=f"Store one {title} document in place of any before.",
        operation_class=operation(
            query=one,
            body=_ANYTHING,
            success=_STORED,
            problems=(400, 401, 403, 409, 412, 413, 415, 503),
            headers=_CONDITIONS,
            answer_headers={"ETag": _ETAG},
        ),
    )
    async def store(request: Request[Any, Any, Any]) -> ASGIResponse:
        who = caller(request)
        require(who.credential, resource.writing)
        return await answer.put(request, who, key(request))

    @post(
        path,
        status_code=200,
        name=f"post{called}",
        operation_id=f"post{called}",
        summary=f"Post {title}",
        description=f"Merge a JSON object into one {title} document, top level only; store it if there is none.",
        operation_class=operation(
            query=one,
            body=[f"{JSON} Document"],
            success=_STORED,
            problems=(400, 401, 403, 412, 413, 415, 503),
            headers=_CONDITIONS,
            answer_headers={"ETag": _ETAG},
        ),
    )
    async def merge(request: Request[Any, Any, Any]) -> ASGIResponse:
        who = caller(request)
        require(who.credential, resource.writing)
        return await answer.post(request, who, key(request))

    @delete(
        path,
        status_code=200,
        name=f"delete{called}",
        operation_id=f"delete{called}",
        summary=f"Delete {title}",
        description=f"Delete one {title} document{', or all' if resource.deletes_all else ''}.",
        operation_class=operation(
            query=deleted, success=(204, "It is gone."), problems=(400, 401, 403, 412, 503), headers=_CONDITIONS
        ),
    )
    async def remove(request: Request[Any, Any, Any]) -> ASGIResponse:
        who = caller(request)
        require(who.credential, resource.writing)
        query = parameters.parse(request.scope["query_string"], deleted)
        if not resource.deletes_all:
            parameters.required(query, resource.id)
        return await answer.delete(request, who, resource.place(query), _name(query, resource.id))

    return [give, store, merge, remove]


def _name(query: Parameters, parameter: str) -> str | None:
    name = query.get(parameter)
    if name == "":
        # Taken for a missing one, it would turn the deletion of one document into that of all.
        raise Problem(400, f"the query parameter {parameter} is empty")
    return name
