"""The Agent Profile resource: what content tools keep about a person (1.0.3 Communication 2.6)."""

from typing import Final

from lrs.document import Place
from lrs.xapi.document_resource import AGENT, DocumentResource, agent, handlers

AGENT_PROFILE: Final = handlers(
    DocumentResource(
        path="/xapi/agents/profile",
        title="Agent Profile",
        reading="profile/read",
        writing="profile",
        place_fields=AGENT,
        place=lambda query: Place(resource="agent_profile", agent=agent(query)),
        id="profileId",
        deletes_all=False,
    )
)
