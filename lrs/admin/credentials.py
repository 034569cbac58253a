"""``/admin/v1/credentials``: the credentials of the caller's own store."""

from asyncio import to_thread
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from lrs.credential import Credential, Credentials, CredentialSummary, Handed
from lrs.errors import NotFound
from lrs.http.authorization import require
from lrs.problem import Problem
from schemas.xapi import Actor

_YEAR = 366 * 24 * 3600
NOT_TO_BE_KEPT = {"Cache-Control": "no-store"}
"""On every answer that carries a secret."""


class NewCredential(Struct, forbid_unknown_fields=True, rename="camel"):
    """What a new credential is to be. Its key and secret are made by the server."""

    scopes: Annotated[list[str], Meta(description="One or more scopes, such as statements/write")]
    label: Annotated[str, Meta(description="One line for people: which tool, which environment")] = ""
    authority: Annotated[
        Actor | None, Meta(description="The Agent it stamps on statements; an account named by the key if left out")
    ] = None
    expires: Annotated[datetime | None, Meta(description="When it stops working, with time zone")] = None


class Rotation(Struct, forbid_unknown_fields=True, rename="camel"):
    """How a secret is to be replaced."""

    grace_seconds: Annotated[
        int, Meta(ge=0, le=_YEAR, description="How long the secret it has now stays valid next to the new one")
    ] = 0


class HandedCredential(Struct):
    """A credential with its secret, which can't be shown again."""

    credential: CredentialSummary
    secret: str

    def __repr__(self) -> str:
        return f"HandedCredential({self.credential!r}, …)"


class CredentialList(Struct):
    """The credentials of a store, oldest first."""

    credentials: list[CredentialSummary]


class CredentialsController(Controller):
    """Needs the scope ``admin``. Keys of other stores are answered as if they did not exist."""

    path = "/credentials"
    tags = ("Administration",)

    @get(summary="List credentials", scopes=["admin"])
    async def list_all(
        self, caller: NamedDependency[Credential], credentials: NamedDependency[Credentials]
    ) -> CredentialList:
        """List the credentials of your store, oldest first, expired and revoked ones too; never their secrets."""
        return CredentialList(await to_thread(credentials.registry.credentials, caller.store))

    @post(summary="Create a credential", scopes=["admin"])
    async def create(
        self,
        data: JSONBody[NewCredential],
        caller: NamedDependency[Credential],
        credentials: NamedDependency[Credentials],
    ) -> Response[HandedCredential]:
        """Make a credential for your store. The answer is the only time its secret is shown.

        ``admin/stores`` can be given only by a credential that has it.
        """
        if "admin/stores" in data.scopes:
            require(caller, "admin/stores")
        issue = partial(
            credentials.registry.issue,
            caller.store,
            data.scopes,
            label=data.label,
            by=caller.key,
            authority=data.authority,
            expires=data.expires,
        )
        made = await to_thread(issue)
        credentials.forget()
        location = {"Location": f"/admin/v1/credentials/{made.credential.key}"}
        return Response(handed(made), status_code=201, headers=location | NOT_TO_BE_KEPT)

    @get("/{key:str}", summary="Show a credential", scopes=["admin"])
    async def show(
        self, key: FromPath[str], caller: NamedDependency[Credential], credentials: NamedDependency[Credentials]
    ) -> CredentialSummary:
        """Show one credential of your store."""
        return await _own(key, caller, credentials)

    @post("/{key:str}/rotate", status_code=200, summary="Rotate a secret", scopes=["admin"])
    async def rotate(
        self,
        key: FromPath[str],
        caller: NamedDependency[Credential],
        credentials: NamedDependency[Credentials],
        data: JSONBody[Rotation | None] = None,
    ) -> Response[HandedCredential]:
        """Give a credential of your store a new secret, shown in this answer only.

        It works at once. The secret the credential had stops working in every server process within a second, or after
        ``graceSeconds``; an older one likewise, without grace. 409 if the credential is revoked or expired, or somebody
        else changed it at the same moment: no secret was set.
        """
        _may_change(await _own(key, caller, credentials), caller)
        grace = timedelta(seconds=data.grace_seconds if data else 0)
        made = await to_thread(partial(credentials.registry.rotate, key, by=caller.key, grace=grace))
        credentials.forget()
        return Response(handed(made), headers=NOT_TO_BE_KEPT)

    @post("/{key:str}/revoke", status_code=200, summary="Revoke a credential", scopes=["admin"])
    async def revoke(
        self, key: FromPath[str], caller: NamedDependency[Credential], credentials: NamedDependency[Credentials]
    ) -> CredentialSummary:
        """Close a credential of your store for ever, in every server process within a second."""
        _may_change(await _own(key, caller, credentials), caller)
        revoked = await to_thread(partial(credentials.registry.revoke, key, by=caller.key))
        credentials.forget()
        return revoked


def handed(made: Handed) -> HandedCredential:
    """Put a credential and its secret into an answer."""
    return HandedCredential(made.credential, made.secret.reveal())


async def _own(key: str, caller: Credential, credentials: Credentials) -> CredentialSummary:
    found = await to_thread(credentials.registry.find, key)
    if found is None or found.store != caller.store:
        raise NotFound(f"your store has no credential with key {key}")
    return found


def _may_change(found: CredentialSummary, caller: Credential) -> None:
    """Refuse to hand the right to make stores to who hasn't got it, by way of a new secret."""
    if "admin/stores" in found.scopes and not caller.allows("admin/stores"):
        raise Problem(403, "this credential may make stores; only one that may too can change it")
