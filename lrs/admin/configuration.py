"""``/admin/v1/organisation``, ``/policy`` and ``/vocabulary``: the configuration of the caller's store over HTTP.

Changing needs the scope ``organisation``, which ``all`` does not imply; reading that or ``all/read``.
"""

from litestar import Router
from litestar.di import Provide

from lrs.admin.caller import caller, letting_in
from lrs.admin.organisation import OrganisationController
from lrs.admin.policy import PolicyController
from lrs.admin.vocabulary import VocabularyController
from lrs.api import answer
from lrs.configuration import Configurations
from lrs.credential import Credentials

__all__ = ["configuration_router"]

LARGEST_BODY = 32 << 20
"""Bytes: some 200,000 people."""


def configuration_router(credentials: Credentials, configurations: Configurations, largest_body: int) -> Router:
    """Give the router; ``largest_body`` is the server's own limit, for when that is smaller."""
    return Router(
        "/admin/v1",
        route_handlers=[OrganisationController, PolicyController, VocabularyController],
        dependencies={
            "configurations": Provide(lambda: configurations, sync_to_thread=False),
            "caller": Provide(caller, sync_to_thread=False),
        },
        before_request=letting_in(credentials),
        exception_handlers={Exception: answer},
        request_max_body_size=min(LARGEST_BODY, largest_body),
        security=[{"basic": []}],
    )
