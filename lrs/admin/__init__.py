"""The admin API: stores and credentials over HTTP, under ``/admin/v1``.

Authenticated by HTTP Basic with a credential that has the scope ``admin`` (the credentials of its own store) or
``admin/stores`` (makes and lists stores). Neither is implied by ``all``, and neither gives access to data. The first
credential with such a scope comes from the command line.
"""

from litestar import Router
from litestar.di import Provide

from lrs.admin.caller import caller, letting_in
from lrs.admin.credentials import CredentialsController
from lrs.admin.stores import MakeStore, StoresController
from lrs.api import answer
from lrs.credential import Credentials

__all__ = ["admin_router"]


def admin_router(credentials: Credentials, make_store: MakeStore) -> Router:
    """Give the router of the admin API; ``make_store`` creates the tables of a store with this name."""
    return Router(
        "/admin/v1",
        route_handlers=[StoresController, CredentialsController],
        dependencies={
            "credentials": Provide(lambda: credentials, sync_to_thread=False),
            "make_store": Provide(lambda: make_store, sync_to_thread=False),
            "caller": Provide(caller, sync_to_thread=False),
        },
        before_request=letting_in(credentials),
        exception_handlers={Exception: answer},
        security=[{"basic": []}],
    )
