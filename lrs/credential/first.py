"""The first credential of a store, so that a new server can be used at once."""

from contextlib import closing, suppress
from typing import Literal, NamedTuple

from lrs.credential.control_log import AlreadyRecorded, ControlLog
from lrs.credential.registered_store import RegisteredStore
from lrs.credential.registry import Keep, Registry
from lrs.credential.secret import Secret
from lrs.credential.summary import CredentialSummary
from lrs.errors import ChangedMeanwhile, Malformed, NotFound, Taken
from lrs.store_name import checked_store_name

_BY = "start"
_LABEL = "first credential"


class First(NamedTuple):
    """A store's first credential; ``secret`` is None if it existed already and its secret isn't known."""

    credential: CredentialSummary
    secret: Secret | None
    done: Literal["issued", "rotated"] | None = None
    """What was done for it; None if all was there already."""
    unheeded: str = ""
    """Why what was given changes nothing any more; empty: it counts."""


def ensure_first_credential(
    registry: Registry, store: str, *, key: str | None = None, secret: str | None = None, keep: Keep | None = None
) -> First:
    """See to it that the store is registered and has a credential with scope ``all``; may be called at every start.

    The store's tables must be there already. A given key and secret are made to work: issued if new, rotated to if the
    credential has another secret; several processes may do so at once. But not against what somebody decided since: a
    credential that was revoked stays so, and a secret that was replaced isn't taken back. Without a given key, any
    working credential of the store with scope ``all`` is enough. ``keep`` is called with what is to be issued, before
    it is. Raises Unavailable, Malformed, and Taken if the key is another store's.
    """
    if secret is not None and key is None:
        raise Malformed("a secret was given without the key it belongs to")
    try:
        registry.store(store)
    except NotFound:
        with suppress(Taken):  # another process was first
            registry.register_store(store, "", _BY)
    found = _usable(registry, store) if key is None else registry.find(key)
    given = None if secret is None else Secret(secret)
    if found is None:
        try:
            issued = registry.issue(store, ["all"], label=_LABEL, by=_BY, key=key, secret=given, keep=keep)
            return First(*issued, "issued")
        except Taken:
            if key is None:
                raise
            found = registry.credential(key)  # another process was first
    if found.store != store:
        raise Taken(f"the credential with key {found.key} belongs to the store {found.store}, not to {store}")
    if found.status != "active":
        return First(found, None, unheeded=f"is {found.status}")
    return First(found, None) if given is None else _with_secret(registry, found, given)


def _with_secret(registry: Registry, found: CredentialSummary, given: Secret) -> First:
    if registry.has_secret(found.key, given):
        return First(found, given)
    if registry.replaced_by(found.key, given) not in {None, _BY}:
        return First(found, None, unheeded="was given another secret since")
    try:
        return First(*registry.rotate(found.key, by=_BY, secret=given), "rotated")
    except ChangedMeanwhile:
        if not registry.has_secret(found.key, given):
            raise
        return First(registry.credential(found.key), given)


def ensure_store(url: str, store: str) -> None:
    """Register a store whose tables were made, unless it is; needs no master key. Raises Unavailable, BadStoreName."""
    registration = RegisteredStore(name=checked_store_name(store), label="", by=_BY)
    with closing(ControlLog(url)) as log, suppress(AlreadyRecorded):
        # Asked first: what the database refuses stands in its log as an error.
        if log.store(store) is None:
            log.record(registration)


def _usable(registry: Registry, store: str) -> CredentialSummary | None:
    usable = (one for one in registry.credentials(store) if one.status == "active" and "all" in one.scopes)
    return next(usable, None)
