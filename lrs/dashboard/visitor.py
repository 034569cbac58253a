"""Who looks at a page: somebody who signed in with a browser, and how they like their pages."""

from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

from litestar import Request
from litestar.datastructures import Cookie
from msgspec import Struct

from lrs.dashboard.language import Language, Speech, chosen, is_language, zone_of
from lrs.http.headers import listed
from lrs.insights.caller import Caller
from lrs.insights.people import ONE as PERSON
from lrs.insights.people import Person
from lrs.insights.positions import positions_of
from lrs.insights.snapshot import Snapshot
from lrs.problem import Problem
from schemas.look import Look

Theme = Literal["auto", "light", "dark"]
THEMES: Final[tuple[Theme, ...]] = ("auto", "light", "dark")
_BEHIND: Final = 5.0
"""Seconds that figures may be behind before a page says so."""
_YEAR: Final = 366 * 24 * 3600
_LANGUAGE: Final = "vliegwiel-language"
_THEME: Final = "vliegwiel-theme"


class NotSignedIn(Problem):
    """Nobody is signed in in this browser; the page they wanted is at ``wanted``."""

    def __init__(self, wanted: str) -> None:
        super().__init__(401, "sign in to see this page")
        self.wanted = wanted


class Wishes(Struct, frozen=True):
    """How somebody likes their pages, as their browser says."""

    language: Language | None
    """Chosen here; None: they didn't choose."""
    accepted: str
    """Languages the browser asks for."""
    theme: Theme

    def speech(self, look: Look, root: str, person: Person | None = None, zone: str = "UTC") -> Speech:
        """Give how to speak to them."""
        locale = None if person is None else person.locale
        language = chosen(self.language, locale, self.accepted)
        own = None if person is None else person.zone
        return Speech(language, zone_of(own, zone), datetime.now(UTC), look.words.get(language, {}), root)


def wishes_of(request: Request[Any, Any, Any]) -> Wishes:
    """Read how somebody likes their pages."""
    language = request.cookies.get(_LANGUAGE)
    theme = request.cookies.get(_THEME)
    return Wishes(
        language=language if is_language(language) else None,
        accepted=listed(request, "accept-language") or "",
        theme=next((one for one in THEMES if one == theme), "auto"),
    )


def cookies(language: str | None, theme: str | None, *, secure: bool) -> list[Cookie]:
    """Give what remembers a choice of language or theme; a choice that is none is passed over."""
    chosen_here = {_LANGUAGE: language if is_language(language) else None, _THEME: theme if theme in THEMES else None}
    return [
        Cookie(name, value=value, max_age=_YEAR, path="/", secure=secure, httponly=True, samesite="lax")
        for name, value in chosen_here.items()
        if value is not None
    ]


class Visitor(Struct, frozen=True):
    """Somebody who looks, and what they may look at."""

    caller: Caller
    person: Person | None
    """Who they are in the organisation, if it knows them."""
    me: UUID | None
    """Their id, if there is anything about them: a learner of this store."""
    teams: tuple[str, ...]
    """Teams they manage themselves today."""
    today: datetime
    zone: str
    """The store's time zone."""
    behind: bool = False
    """Whether what came in a while ago isn't in the figures yet."""

    @property
    def known(self) -> bool:
        """Whether they learn here."""
        return self.me is not None

    def opens(self, author: UUID | None) -> bool:
        """Tell whether they may open a statement of this person."""
        return self.caller.opens_evidence or (author is not None and author == self.me)

    @property
    def manages(self) -> bool:
        """Whether there is a team to look after."""
        return bool(self.teams)

    @property
    def sees_organisation(self) -> bool:
        """Whether the whole organisation is theirs to look at."""
        return self.caller.sees_everybody

    @property
    def administers(self) -> bool:
        """Whether they may change what the store is set up with."""
        return "admin" in self.caller.roles


def visitor_of(snapshot: Snapshot) -> Visitor:
    """Find out who looks."""
    me = snapshot.sight().me
    detail = None if me is None else snapshot.item(PERSON, person=me)
    person = None if detail is None else detail.person
    manages = () if person is None or not snapshot.caller.manages else tuple(person.manages)
    now = snapshot.moment.now
    behind = positions_of(snapshot.rows, now).lag.seconds > _BEHIND
    return Visitor(snapshot.caller, person, me, manages, now, zone=snapshot.policy.time_zone, behind=behind)
