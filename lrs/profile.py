"""Serves our own xAPI Profile (https://github.com/adlnet/xapi-profiles): the verbs and extensions we add, and why."""

from litestar import get
from litestar.response.base import ASGIResponse

from lrs.documentation import operation
from projections.meaning.read import PROFILE_MEDIA_TYPE, profile

PATH = "/profile"


@get(
    PATH,
    name="getProfile",
    tags=["About"],
    security=[],
    operation_class=operation(
        success=(200, "The profile."), answers=[f"{PROFILE_MEDIA_TYPE} Document"], problems=(), versioned=False
    ),
)
async def get_profile() -> ASGIResponse:
    """Give the xAPI Profile of the verbs and extensions that our projections understand beside published ones."""
    return ASGIResponse(body=profile(), headers={"Content-Type": PROFILE_MEDIA_TYPE})
