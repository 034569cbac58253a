"""The stores there are and the credentials that open them."""

import secrets
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from threading import Lock
from typing import NamedTuple

import msgspec

from lrs.credential.access_key import AccessKey
from lrs.credential.checks import (
    checked_authority,
    checked_expiry,
    checked_grace,
    checked_key,
    checked_label,
    checked_scopes,
    is_key,
)
from lrs.credential.control_log import AlreadyRecorded, ControlLog, answering
from lrs.credential.errors import Expired, Revoked
from lrs.credential.registered_store import RegisteredStore
from lrs.credential.secret import PEPPER, Pepper, Secret
from lrs.credential.summary import CredentialSummary, StoreSummary, store_summary, summary
from lrs.errors import ChangedMeanwhile, Malformed, NotFound, Taken
from lrs.log.connect import connect_to
from lrs.seal import MasterKey, shared_secret
from lrs.store_name import CONTROL, checked_store_name
from schemas.xapi import Account, Actor

Keep = Callable[[str, Secret], object]
"""Keeps a key and its secret."""


class Handed(NamedTuple):
    """A credential and its secret, on their way to whoever asked: the only time the secret is known."""

    credential: CredentialSummary
    secret: Secret


class Registry:
    """Makes, lists, rotates and revokes. Synchronous and safe to use from several threads.

    Nothing connects before the first call, so that a server can start while its database is away. ``by`` says who asks,
    for the record. Methods raise a ``Refused`` whose message is fit for that person, or Unavailable.
    """

    def __init__(self, url: str, master: MasterKey, home_page: str) -> None:
        """Keep what is needed; ``home_page`` is the account home page of authorities that weren't given."""
        self._url = url
        self._master = master
        self._home_page = home_page.rstrip("/")
        self._lock = Lock()
        self._log: ControlLog | None = None
        self._pepper: Pepper | None = None

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._log is not None:
                self._log.close()
                self._log = None

    def pepper(self) -> Pepper:
        """Give what keys the digests; made at the very first use. Raises Unavailable, WrongMasterKey."""
        if self._pepper is None:
            with answering(), connect_to(CONTROL, self._url, "credentials") as connection:
                self._pepper = Pepper(shared_secret(connection, CONTROL, PEPPER, self._master))
        return self._pepper

    def head(self) -> int:
        """Give the position of the last change to any store or credential. Raises Unavailable."""
        return self._connected().head()

    def access_key(self, key: str) -> AccessKey | None:
        """Give a credential with its history, digests included, if there is one with this key. Raises Unavailable."""
        return self._connected().access_key(key) if is_key(key) else None

    def register_store(self, name: str, label: str, by: str) -> StoreSummary:
        """Write down that a store exists. Raises BadStoreName, Malformed, Taken."""
        store = RegisteredStore(name=checked_store_name(name), label=checked_label(label), by=by)
        self._record_store(store)
        return store_summary(store)

    def found_store(self, name: str, label: str, by: str) -> tuple[StoreSummary, Handed]:
        """Write down that a store exists, together with its first credential, which may make the others.

        So there is never a store that nobody can enter, and who failed to make one can try again. Raises BadStoreName,
        Malformed, Taken.
        """
        store = RegisteredStore(name=checked_store_name(name), label=checked_label(label), by=by)
        secret, now = Secret.new(), datetime.now(UTC)
        access = self._access(name, ["admin"], now, secret, label="first credential", by=by)
        self._record_store(store, access)
        return store_summary(store), Handed(summary(access, now), secret)

    def stores(self) -> list[StoreSummary]:
        """List the stores, oldest first."""
        return [store_summary(one) for one in self._connected().everything() if isinstance(one, RegisteredStore)]

    def store(self, name: str) -> StoreSummary:
        """Give one store. Raises NotFound."""
        store = self._connected().store(name)
        if store is None:
            raise NotFound(f"there is no store {name}")
        return store_summary(store)

    def credentials(self, store: str | None = None) -> list[CredentialSummary]:
        """List the credentials of a store, or all, oldest first."""
        now = datetime.now(UTC)
        found = (one for one in self._connected().everything() if isinstance(one, AccessKey))
        return [summary(access, now) for access in found if store in (None, access.store)]

    def find(self, key: str) -> CredentialSummary | None:
        """Give one credential, if there is one with this key."""
        access = self.access_key(key)
        return None if access is None else summary(access, datetime.now(UTC))

    def credential(self, key: str) -> CredentialSummary:
        """Give one credential. Raises NotFound."""
        return summary(self._access_key(key), datetime.now(UTC))

    def has_secret(self, key: str, secret: Secret) -> bool:
        """Tell whether this is the credential's present secret. Raises NotFound."""
        return compare_digest(self._access_key(key).digest, self._digest(secret))

    def replaced_by(self, key: str, secret: Secret) -> str | None:
        """Tell who gave the credential another secret than this; None: it never had this one. Raises NotFound."""
        return self._access_key(key).replaced.get(self._digest(secret))

    def issue(
        self,
        store: str,
        scopes: Collection[str],
        *,
        label: str = "",
        by: str,
        key: str | None = None,
        secret: Secret | None = None,
        authority: Actor | None = None,
        expires: datetime | None = None,
        keep: Keep | None = None,
    ) -> Handed:
        """Make a credential; key, secret and authority are made up if not given. Raises Malformed, NotFound, Taken.

        ``keep`` is called before it counts: kept only afterwards, a secret would be lost with who ends in between.
        """
        self.store(store)
        secret, now = secret or Secret.new(), datetime.now(UTC)
        access = self._access(
            store, scopes, now, secret, label=label, by=by, key=key, authority=authority, expires=expires
        )
        if keep is not None:
            keep(access.key, secret)
        try:
            self._connected().record(access)
        except AlreadyRecorded:
            raise Taken(f"there is a credential with key {access.key} already") from None
        return Handed(summary(access, now), secret)

    def rotate(self, key: str, *, by: str, grace: timedelta = timedelta(), secret: Secret | None = None) -> Handed:
        """Give a credential a new secret; the one it had stays valid for ``grace``, any before that does not.

        Raises NotFound, Revoked, Expired, ChangedMeanwhile, Malformed.
        """
        checked_grace(grace)
        access = self._open_access_key(key)
        secret = secret or Secret.new()
        now = datetime.now(UTC)
        if access.expires is not None and access.expires <= now:
            raise Expired(f"the credential with key {key} expired on {access.expires:%Y-%m-%d}; make a new one")
        access.rotate(self._digest(secret), now + grace if grace else None, by)
        self._record_change(access)
        return Handed(summary(access, now), secret)

    def revoke(self, key: str, *, by: str) -> CredentialSummary:
        """Close a credential for ever. Raises NotFound, Revoked, ChangedMeanwhile."""
        access = self._open_access_key(key)
        access.revoke(by)
        self._record_change(access)
        return summary(access, datetime.now(UTC))

    def _connected(self) -> ControlLog:
        with self._lock:
            if self._log is None:
                self._log = ControlLog(self._url)
            return self._log

    def _access(
        self,
        store: str,
        scopes: Collection[str],
        now: datetime,
        secret: Secret,
        *,
        label: str,
        by: str,
        key: str | None = None,
        authority: Actor | None = None,
        expires: datetime | None = None,
    ) -> AccessKey:
        key = secrets.token_hex(12) if key is None else checked_key(key)
        return AccessKey(
            key=key,
            store=store,
            digest=self._digest(secret),
            scopes=[str(scope) for scope in checked_scopes(scopes)],
            label=checked_label(label),
            authority=msgspec.json.encode(self._authority(authority, key)).decode(),
            expires=checked_expiry(expires, now),
            by=by,
        )

    def _digest(self, secret: Secret) -> str:
        if not secret.reveal():
            raise Malformed("the secret is empty")
        return self.pepper().digest(secret.reveal()).hex()

    def _access_key(self, key: str) -> AccessKey:
        access = self.access_key(key)
        if access is None:
            raise NotFound(f"there is no credential with key {key}")
        return access

    def _open_access_key(self, key: str) -> AccessKey:
        access = self._access_key(key)
        if access.revoked is not None:
            raise Revoked(f"the credential with key {key} was revoked on {access.revoked:%Y-%m-%d}; make a new one")
        return access

    def _record_store(self, store: RegisteredStore, *others: AccessKey) -> None:
        try:
            self._connected().record(store, *others)
        except AlreadyRecorded:
            raise Taken(f"there is a store {store.name} already") from None

    def _record_change(self, access: AccessKey) -> None:
        try:
            self._connected().record(access)
        except AlreadyRecorded:
            raise ChangedMeanwhile(
                f"somebody else changed the credential with key {access.key} at this moment; look at it and try again"
            ) from None

    def _authority(self, given: Actor | None, key: str) -> Actor:
        if given is None:
            return Actor(object_type="Agent", account=Account(home_page=self._home_page, name=key))
        return checked_authority(given)
