"""The Activities resource: all that statements said about an activity (1.0.3 Communication 2.5)."""

from typing import Any

import msgspec
from litestar import Request, get
from litestar.openapi.spec import OpenAPIFormat
from litestar.response.base import ASGIResponse

from lrs.document import entity_tag
from lrs.documentation import JSON, Field, operation
from lrs.http import parameters, tagged
from lrs.http.authorization import require
from lrs.xapi.caller import caller


@get(
    "/xapi/activities",
    name="getActivity",
    tags=["Activities"],
    operation_class=operation(
        query={"activityId": Field("Id of the activity.", format=OpenAPIFormat.IRI, required=True)},
        success=(200, "The Activity."),
        answers=[f"{JSON} Activity"],
        etag="Changes with the definition.",
    ),
)
async def get_activity(request: Request[Any, Any, Any]) -> ASGIResponse:
    """Give an Activity with the definition merged from all statements; of an unknown one just its id."""
    who = caller(request)
    require(who.credential, "statements/read", "statements/read/mine", "define", "state/read", "profile/read")
    query = parameters.parse(request.scope["query_string"], {"activityId"})
    iri = parameters.required(query, "activityId")
    parameters.iri(query, "activityId")
    definition = (await who.store.definitions([iri])).get(iri)
    known = {} if definition is None else {"definition": msgspec.Raw(definition)}
    body = msgspec.json.encode({"objectType": "Activity", "id": iri, **known})
    return tagged.answer(request, body, {"etag": entity_tag(body)})
