"""The Activity Profile resource: what content tools keep about an activity (1.0.3 Communication 2.7)."""

from typing import Final

from lrs.document import Place
from lrs.xapi.document_resource import ACTIVITY, DocumentResource, activity, handlers

ACTIVITY_PROFILE: Final = handlers(
    DocumentResource(
        path="/xapi/activities/profile",
        title="Activity Profile",
        reading="profile/read",
        writing="profile",
        place_fields=ACTIVITY,
        place=lambda query: Place(resource="activity_profile", activity=activity(query)),
        id="profileId",
        deletes_all=False,
    )
)
