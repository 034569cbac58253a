"""Who asks, and what they may be told at all. Whom they may see among the people is said by ``sight``."""

from typing import Any

from litestar import Request
from msgspec import Struct

from lrs.access import COMMAND_LINE, Reader
from lrs.credential import Credential, Credentials, Scope
from lrs.http.authorization import authenticated, authorization
from lrs.problem import Problem
from lrs.sign_in import Person, Role
from lrs.sign_in.sign_in import SignIn

_EVERYBODY: frozenset[Role] = frozenset({"lnd", "auditor", "admin"})
_FIGURES: frozenset[Role] = _EVERYBODY | {"manager"}
_EVIDENCE: frozenset[Role] = frozenset({"auditor", "admin"})
_AUDIT: frozenset[Role] = frozenset({"auditor", "admin"})
_PRIVACY: frozenset[Role] = frozenset({"privacy"})
_LACKING: dict[Scope, str] = {
    "insights/read": "insights/read (figures of groups) or insights/read/people (persons too); all/read and all "
    "include them",
}


class Caller(Struct, frozen=True):
    """Somebody who signed in, or a program with a credential."""

    store: str
    name: str
    identity: str | None = None
    """The xAPI identifier of the person; None: a program, or somebody without one."""
    roles: frozenset[Role] = frozenset()
    credential: Credential | None = None
    by_link: bool = False
    """Whether they came by a one-time link, and so are whoever runs the server."""
    csrf: str | None = None
    """Of a browser's session: what pages send along with changes."""

    @property
    def sees_everybody(self) -> bool:
        """Whether they see every person of the store."""
        return bool(self.roles & _EVERYBODY) or self._may("insights/read/people")

    @property
    def sees_persons(self) -> bool:
        """Whether they see any person; a person sees at least themselves."""
        return self.credential is None or self._may("insights/read/people")

    @property
    def sees_figures(self) -> bool:
        """Whether they see figures of groups."""
        return bool(self.roles & _FIGURES) or self._may("insights/read")

    @property
    def opens_evidence(self) -> bool:
        """Whether they may read every statement of the store; a person may read their own."""
        return bool(self.roles & _EVIDENCE) or self._may("statements/read")

    @property
    def audits(self) -> bool:
        """Whether they may replay anybody's history, and have proofs and bundles of it."""
        return bool(self.roles & _AUDIT) or self._may("audit/read")

    @property
    def guards_privacy(self) -> bool:
        """Whether they may export what is held about anybody, erase, and set how long statements are kept."""
        return bool(self.roles & _PRIVACY) or self._may("privacy")

    @property
    def reader(self) -> Reader:
        """As whom they are noted when they look at somebody's data."""
        if self.by_link:
            return COMMAND_LINE
        return Reader("person" if self.credential is None else "program", self.name, self.identity)

    @property
    def manages(self) -> bool:
        """Whether the people of the teams they manage are theirs to see."""
        return "manager" in self.roles

    def _may(self, scope: Scope) -> bool:
        return self.credential is not None and self.credential.allows(scope)


class Door:
    """Finds out who asks: HTTP Basic for programs, a bearer token or a session for people."""

    def __init__(self, credentials: Credentials, sign_in: SignIn) -> None:
        self._credentials = credentials
        self._sign_in = sign_in

    async def caller(self, request: Request[Any, Any, Any], scope: Scope = "insights/read") -> Caller:
        """Give who asks; a credential needs this scope. Raises a Problem 401 or 403, Unavailable."""
        given = authorization(request)
        if given is None:
            if (found := await self.visitor(request)) is None:
                raise self._unknown(request)
            return found
        scheme, _, token = given.strip().partition(b" ")
        if scheme.lower() == b"bearer":
            return _signed_in(await self._sign_in.bearer(token.strip().decode("latin-1")))
        try:
            credential = await authenticated(given, self._credentials)
        except Problem as problem:
            if problem.status != 401:
                raise
            raise Problem(401, problem.detail, headers=self._challenge(request)) from None
        if not credential.allows(scope):
            raise Problem(403, f"this credential lacks the scope {_LACKING.get(scope, scope)}")
        return Caller(credential.store, credential.label or credential.key, credential=credential)

    async def visitor(self, request: Request[Any, Any, Any]) -> Caller | None:
        """Give who asks by a browser's session alone. Raises Unavailable."""
        session = await self._sign_in.session(request.cookies)
        return None if session is None else _signed_in(session.person, session.csrf)

    def _unknown(self, request: Request[Any, Any, Any]) -> Problem:
        if not self._sign_in.available:
            detail = "send key and secret of a credential: HTTP Basic"
            return Problem(401, detail, headers=self._challenge(request))
        detail = (
            "sign in at /sign-in, or send a bearer token of the sign-in provider, or key and secret of a credential"
        )
        return Problem(401, detail, headers=self._challenge(request))

    def _challenge(self, request: Request[Any, Any, Any]) -> dict[str, str]:
        basic = 'Basic realm="insights", charset="UTF-8"'
        if not self._sign_in.available:
            return {"WWW-Authenticate": basic}
        # A browser would ask for a key and secret, which people who sign in haven't got.
        return {"WWW-Authenticate": "Bearer" if "sec-fetch-mode" in request.headers else f"Bearer, {basic}"}


def _signed_in(person: Person, csrf: str | None = None) -> Caller:
    return Caller(person.store, person.name, person.identity, person.roles, by_link=person.by_link, csrf=csrf)
