"""The State resource: what a content tool keeps about a person in an activity (1.0.3 Communication 2.3)."""

from typing import Final

from litestar.openapi.spec import OpenAPIFormat

from lrs.document import Place
from lrs.documentation import Field
from lrs.http import parameters
from lrs.http.parameters import Parameters
from lrs.xapi.document_resource import ACTIVITY, AGENT, DocumentResource, activity, agent, handlers


def _place(query: Parameters) -> Place:
    return Place(
        resource="state",
        activity=activity(query),
        agent=agent(query),
        registration=parameters.identifier(query, "registration"),
    )


STATE: Final = handlers(
    DocumentResource(
        path="/xapi/activities/state",
        title="State",
        reading="state/read",
        writing="state",
        place_fields={
            **ACTIVITY,
            **AGENT,
            "registration": Field("Only for this registration, a UUID.", format=OpenAPIFormat.UUID),
        },
        place=_place,
        id="stateId",
        deletes_all=True,
    )
)
