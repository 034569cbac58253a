"""What may be told about a credential or a store: everything but secrets and their digests."""

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from lrs.credential.access_key import AccessKey
from lrs.credential.credential import Credential
from lrs.credential.registered_store import RegisteredStore
from lrs.credential.scope import Scope, is_scope, ordered
from schemas.xapi import Actor

Status = Literal["active", "expired", "revoked"]


class LastEvent(Struct, frozen=True, rename="camel"):
    """The last thing that happened to a credential, when, and by whom."""

    name: str
    at: datetime
    by: str


class CredentialSummary(Struct, frozen=True, rename="camel"):
    """A credential as lists show it."""

    key: str
    store: str
    label: str
    scopes: list[Scope]
    status: Status
    authority: Actor
    issued: datetime
    expires: datetime | None
    rotated: datetime | None
    previous_until: datetime | None
    """Until when the secret before the last rotation stays valid."""
    revoked: datetime | None
    last_event: LastEvent


class StoreSummary(Struct, frozen=True, rename="camel"):
    """A store as lists show it."""

    name: str
    label: str
    created: datetime
    created_by: str


def summary(access: AccessKey, now: datetime) -> CredentialSummary:
    """Tell about a credential as it is at ``now``."""
    previous = access.previous_until
    return CredentialSummary(
        key=access.key,
        store=access.store,
        label=access.label,
        scopes=ordered(scopes_of(access)),
        status=_status(access, now),
        authority=authority_of(access),
        issued=access.created_on,
        expires=access.expires,
        rotated=access.rotated,
        previous_until=previous if previous is not None and previous > now else None,
        revoked=access.revoked,
        last_event=LastEvent(*access.last),
    )


def credential(access: AccessKey) -> Credential:
    """Give the credential that a valid key and secret stand for."""
    return Credential(
        key=access.key,
        store=access.store,
        scopes=scopes_of(access),
        authority=authority_of(access),
        label=access.label,
        expires=access.expires,
    )


def store_summary(store: RegisteredStore) -> StoreSummary:
    """Tell about a store."""
    return StoreSummary(name=store.name, label=store.label, created=store.created_on, created_by=store.by)


def scopes_of(access: AccessKey) -> frozenset[Scope]:
    """Give a credential's scopes; one that this program does not know gives no right."""
    return frozenset(scope for scope in access.scopes if is_scope(scope))


def authority_of(access: AccessKey) -> Actor:
    """Give the Agent that a credential stamps on statements."""
    return msgspec.json.decode(access.authority, type=Actor)


def _status(access: AccessKey, now: datetime) -> Status:
    if access.revoked is not None:
        return "revoked"
    if access.expires is not None and access.expires <= now:
        return "expired"
    return "active"
