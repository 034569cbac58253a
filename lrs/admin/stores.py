"""``/admin/v1/stores``: the stores of this deployment."""

from asyncio import to_thread
from collections.abc import Callable
from typing import Annotated

import psycopg
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from lrs.admin.credentials import NOT_TO_BE_KEPT
from lrs.credential import Credential, Credentials, CredentialSummary, StoreSummary
from lrs.credential.checks import checked_label
from lrs.errors import NotFound
from lrs.log.datastore import AWAY
from lrs.log.work import Unavailable
from lrs.problem import Problem
from lrs.store_name import checked_store_name

MakeStore = Callable[[str], object]
"""Creates a store's tables, unless they are there."""


class NewStore(Struct, forbid_unknown_fields=True):
    """What a new store is to be."""

    name: Annotated[str, Meta(description="A lower-case letter, then up to 39 lower-case letters, digits or _")]
    label: Annotated[str, Meta(description="One line for people: whose store it is")] = ""


class HandedStore(Struct):
    """A new store and its first credential, which has the scope ``admin``; the secret can't be shown again."""

    store: StoreSummary
    credential: CredentialSummary
    secret: str

    def __repr__(self) -> str:
        return f"HandedStore({self.store!r}, {self.credential!r}, …)"


class StoreList(Struct):
    """Stores, oldest first."""

    stores: list[StoreSummary]


class StoresController(Controller):
    """``admin/stores`` sees and makes all stores; ``admin`` sees its own."""

    path = "/stores"
    tags = ("Administration",)

    @get(summary="List stores", scopes=["admin", "admin/stores"])
    async def list_all(
        self, caller: NamedDependency[Credential], credentials: NamedDependency[Credentials]
    ) -> StoreList:
        """List the stores you may see: all with the scope ``admin/stores``, else your own."""
        return StoreList([one for one in await to_thread(credentials.registry.stores) if _visible(one.name, caller)])

    @get("/{name:str}", summary="Show a store", scopes=["admin", "admin/stores"])
    async def show(
        self, name: FromPath[str], caller: NamedDependency[Credential], credentials: NamedDependency[Credentials]
    ) -> StoreSummary:
        """Show one of the stores you may see."""
        if not _visible(name, caller):
            raise NotFound(f"there is no store {name}")
        return await to_thread(credentials.registry.store, name)

    @post(summary="Create a store", scopes=["admin/stores"])
    async def create(
        self,
        data: JSONBody[NewStore],
        caller: NamedDependency[Credential],
        credentials: NamedDependency[Credentials],
        make_store: NamedDependency[MakeStore],
    ) -> Response[HandedStore]:
        """Make a store and its first credential, which has the scope ``admin`` and so can make the others.

        Needs the scope ``admin/stores``. That credential's secret is shown in this answer only: whoever runs the new
        store should rotate it, and then nobody outside that store can enter it. After a 503 the same request can be
        sent again; if the answer is then 409, the store had been made: `lrs credential create` gives a key to it.
        """
        made = await to_thread(_create, data, caller, credentials, make_store)
        credentials.forget()
        location = {"Location": f"/admin/v1/stores/{made.store.name}"}
        return Response(made, status_code=201, headers=location | NOT_TO_BE_KEPT)


def _visible(store: str, caller: Credential) -> bool:
    return store == caller.store or caller.allows("admin/stores")


def _create(data: NewStore, caller: Credential, credentials: Credentials, make_store: MakeStore) -> HandedStore:
    # Before anything is made: it has no transaction with what follows.
    checked_store_name(data.name)
    checked_label(data.label)
    try:
        make_store(data.name)
    except psycopg.errors.InsufficientPrivilege as error:
        detail = "the server's database account may not create stores here: use `lrs store create` with one that may"
        raise Problem(403, detail) from error
    except AWAY as error:
        raise Unavailable("the database is not answering") from error
    store, first = credentials.registry.found_store(data.name, data.label, by=caller.key)
    return HandedStore(store, first.credential, first.secret.reveal())
