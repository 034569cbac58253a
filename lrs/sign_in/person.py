"""Who signed in, by what the provider says about them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import Struct

from lrs.settings import Settings, SettingsError
from lrs.sign_in.role import ROLES, Role, is_role
from lrs.statement import Invalid, identity
from lrs.statement.actor import check_agent
from schemas.xapi import Account, Actor

_ANY = "*"
_LONGEST_NAME: Final = 200
"""Characters: it is kept in a cookie, of which browsers take 4,096 bytes (RFC 6265, 6.1)."""


class Unacceptable(Exception):
    """The provider knows somebody, and what it says about them doesn't let them in; the message says why."""


class Person(Struct, frozen=True):
    """Somebody who signed in."""

    subject: str
    """What the provider calls them."""
    name: str
    """For people to read."""
    identity: str | None
    """The xAPI identifier they are known by, in canonical form (``lrs.statement.identity``); None: they have none."""
    roles: frozenset[Role]
    store: str
    by_link: bool = False
    """Whether they came by a one-time link: whoever runs the server is at the keyboard, whoever this is."""


class Reading:
    """How claims are read: which of them say who somebody is, their roles and their store."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; raises SettingsError if a role in them is none."""
        self._person = settings.oidc_person_claim
        self._home_page = settings.oidc_account_home_page
        self._roles = settings.oidc_roles_claim
        self._store = settings.oidc_store_claim
        self._default_store = settings.store
        self._meanings: dict[str, set[Role]] = {}
        for entry in settings.oidc_roles or [f"{role}={role}" for role in ROLES]:
            value, equals, role = entry.rpartition("=")
            if not equals or not is_role(role):
                raise SettingsError(f"LRS_OIDC_ROLES: expected value={' or value='.join(ROLES)}, not {entry!r}")
            self._meanings.setdefault(value, set()).add(role)

    def person(self, claims: Mapping[str, Any]) -> Person:
        """Say who it is. Raises Unacceptable."""
        subject = str(claims["sub"])
        identifier = self._identity(claims)
        shown = (claims.get(claim) for claim in ("name", "preferred_username", "email"))
        return Person(
            subject=subject,
            name=next((name for name in shown if isinstance(name, str) and name), subject)[:_LONGEST_NAME],
            identity=identifier,
            roles=frozenset({"learner", *self._roles_of(claims)}),
            store=self._store_of(claims),
        )

    def _identity(self, claims: Mapping[str, Any]) -> str | None:
        value = find(claims, self._person)
        if not isinstance(value, str) or not value:
            return None
        if self._person == "email" and claims.get("email_verified", True) not in (True, "true"):
            # Whoever can write any address into their profile would be anybody.
            return None
        agent = Actor(account=Account(self._home_page, value)) if self._home_page else Actor(mbox=f"mailto:{value}")
        try:
            check_agent(agent)
        except Invalid:
            return None
        return identity(agent)

    def _roles_of(self, claims: Mapping[str, Any]) -> Iterable[Role]:
        yield from self._meanings.get(_ANY, ())
        found = find(claims, self._roles)
        for value in found if isinstance(found, list) else [found]:
            if isinstance(value, str):
                yield from self._meanings.get(value, ())

    def _store_of(self, claims: Mapping[str, Any]) -> str:
        if not self._store:
            return self._default_store
        name = find(claims, self._store)
        if not isinstance(name, str) or not name:
            raise Unacceptable(f"the sign-in provider doesn't say which store is yours: claim {self._store} is missing")
        return name


def find(claims: Mapping[str, Any], path: str) -> Any:
    """Give a claim by its name or, where there is none of that name, by a path of names (``realm_access.roles``)."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found
