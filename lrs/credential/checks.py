"""What keys, scopes, labels and authorities must look like; messages say what would be right."""

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import msgspec

from lrs.credential.scope import SCOPES, Scope, is_scope, ordered
from lrs.credential_key import PATTERN, RULE
from lrs.errors import Malformed
from lrs.statement import Invalid
from lrs.statement.actor import check_agent
from schemas.xapi import Actor

_KEY = re.compile(PATTERN)
_LABEL_LENGTH = 200
LONGEST = timedelta(days=36_500)
"""As far ahead as a period may reach: a hundred years, before the calendar ends."""


def is_key(text: str) -> bool:
    """Tell whether this could be a credential's key."""
    return _KEY.fullmatch(text) is not None


def checked_key(key: str) -> str:
    """Give a credential's key if it is one. Raises Malformed."""
    if not is_key(key):
        raise Malformed(f"{key!r} can't be a key: write {RULE}")
    return key


def checked_scopes(scopes: Collection[str]) -> list[Scope]:
    """Give scopes in their order if they are ones. Raises Malformed."""
    if not scopes:
        raise Malformed(f"a credential needs at least one scope of {', '.join(SCOPES)}")
    known: list[Scope] = []
    for scope in scopes:
        if not is_scope(scope):
            raise Malformed(f"{scope!r} is not a scope: choose from {', '.join(SCOPES)}")
        known.append(scope)
    return ordered(known)


def checked_authority(authority: Actor) -> Actor:
    """Give an authority if it is an Agent (1.0.3 Data 2.4.9). Raises Malformed."""
    try:
        check_agent(authority)
    except Invalid as error:
        error.within("authority")
        raise Malformed(str(error)) from None
    return msgspec.structs.replace(authority, object_type="Agent")


def checked_label(label: str) -> str:
    """Give a label if it is one. Raises Malformed."""
    if len(label) > _LABEL_LENGTH or not label.isprintable():
        raise Malformed(f"a label is one line of up to {_LABEL_LENGTH} characters")
    return label


def checked_grace(grace: timedelta) -> timedelta:
    """Give a period for which two secrets are valid if it is one. Raises Malformed."""
    if not timedelta() <= grace <= LONGEST:
        raise Malformed(f"the grace period can't be negative, nor longer than {LONGEST.days:,} days")
    return grace


def checked_expiry(expires: datetime | None, now: datetime) -> datetime | None:
    """Give the moment after which a credential opens nothing, if it lies ahead. Raises Malformed."""
    if expires is not None and expires.tzinfo is None:
        raise Malformed("the expiry needs a time zone: 2030-01-31T00:00:00Z")
    try:
        expires = expires and expires.astimezone(UTC)
    except OverflowError:
        raise Malformed(f"the expiry {expires} lies beyond the year 9999 in UTC") from None
    if expires is not None and expires <= now:
        raise Malformed(f"the expiry {expires.isoformat()} lies in the past")
    return expires
