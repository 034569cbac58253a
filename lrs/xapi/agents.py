"""The Agents resource: what is known of an agent, as a Person (1.0.3 Communication 2.4)."""

from typing import Any

import msgspec
from litestar import Request, get
from litestar.response.base import ASGIResponse

from lrs.document import entity_tag
from lrs.documentation import JSON, Field, operation
from lrs.http import parameters, tagged
from lrs.http.authorization import require
from lrs.problem import Problem
from lrs.statement import identity, parse_actor
from lrs.xapi.caller import caller


@get(
    "/xapi/agents",
    name="getPerson",
    tags=["Agents"],
    operation_class=operation(
        query={"agent": Field("JSON of an Agent.", required=True)},
        success=(200, "The Person."),
        answers=[f"{JSON} PersonOfAgent"],
        etag="Changes with the names.",
    ),
)
async def get_person(request: Request[Any, Any, Any]) -> ASGIResponse:
    """Give a Person: the agent asked for, every property an array, and the names it was seen under."""
    who = caller(request)
    require(who.credential, "statements/read", "profile/read")
    query = parameters.parse(request.scope["query_string"], {"agent"})
    agent = parse_actor(parameters.required(query, "agent"), "agent")
    if agent.object_type == "Group":
        raise Problem(400, "the query parameter agent is a Group: it must be an Agent")
    names = [agent.name] if isinstance(agent.name, str) else []
    names += await who.store.names(identity(agent))
    person: dict[str, object] = {"objectType": "Person"}
    if names:
        person["name"] = list(dict.fromkeys(names))
    for name, value in msgspec.to_builtins(agent).items():
        if name not in {"objectType", "name"}:
            person[name] = [value]
    body = msgspec.json.encode(person)
    return tagged.answer(request, body, {"etag": entity_tag(body)})
