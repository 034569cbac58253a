"""What every page needs: who looks, one snapshot of the store, and the frame around what is shown."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.datastructures import Cookie, FormMultiDict
from litestar.enums import RequestEncodingType
from msgspec import Struct

from lrs.configuration import Configurations
from lrs.credential import Credentials
from lrs.dashboard import html
from lrs.dashboard.charts import Charts, Drawing
from lrs.dashboard.look import SHIPPED, look_of, version_of
from lrs.dashboard.visitor import NotSignedIn, Visitor, Wishes, visitor_of, wishes_of
from lrs.insights import Insights
from lrs.insights.caller import Caller
from lrs.insights.reading import Found, Reading
from lrs.insights.snapshot import Snapshot
from lrs.problem import Problem
from lrs.sign_in import Links
from lrs.sign_in.pages import refuse_forged
from lrs.sign_in.sign_in import SignIn
from schemas.look import Look

T = TypeVar("T")
NOT_KEPT: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class Shown(NamedTuple):
    """What a view makes: a template and what it is filled in with."""

    template: str
    data: Mapping[str, Any]
    charts: Mapping[str, Drawing] = {}


View = Callable[[Snapshot, Visitor], Shown]
ListView = Callable[[Snapshot, Visitor, Found], Shown]


class Dashboard(Struct, frozen=True):
    """Shows pages. For one event loop."""

    insights: Insights
    sign_in: SignIn
    links: Links
    credentials: Credentials
    configurations: Configurations
    charts: Charts
    store: str
    """Whose look pages have before anybody signs in."""
    looks: dict[str, Look]
    """Of the stores, as they were when last seen."""
    form_targets: str = ""
    """Origins that a form may lead to: the sign-in provider's, where signing out ends."""

    @property
    def root(self) -> str:
        """What comes before our paths in addresses."""
        return urlsplit(self.sign_in.base_url).path

    @property
    def secure(self) -> bool:
        """Whether browsers reach us encrypted."""
        return urlsplit(self.sign_in.base_url).scheme == "https"

    async def caller(self, request: Request[Any, Any, Any]) -> Caller:
        """Give who is signed in. Raises NotSignedIn, Unavailable."""
        found = await self.insights.door.visitor(request)
        if found is None:
            raise NotSignedIn(_wanted(request))
        return found

    async def changing(self, request: Request[Any, Any, Any]) -> tuple[Caller, FormMultiDict]:
        """Give who sends a form and what is in it; refuses what a page of another site sends. Raises Problems."""
        session = await self.sign_in.session(request.cookies)
        if session is None:
            raise NotSignedIn("/dashboard")
        if request.content_type[0] != RequestEncodingType.URL_ENCODED:
            raise Problem(415, "send the form as application/x-www-form-urlencoded")
        await refuse_forged(request, session)
        return await self.caller(request), await request.form()

    def to(self, path: str, cookies: list[Cookie] | None = None) -> Response[bytes]:
        """Send a browser on to another page of ours."""
        headers = {"Location": self.root + path, **NOT_KEPT}
        return Response(b"", status_code=303, headers=headers, cookies=cookies or [])

    async def show(
        self,
        request: Request[Any, Any, Any],
        view: View,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response[bytes]:
        """Answer with a page. Raises Problems, Unavailable."""
        caller = await self.caller(request)

        def look(snapshot: Snapshot) -> tuple[Visitor, Shown]:
            visitor = self._visitor(snapshot)
            return visitor, view(snapshot, visitor)

        visitor, shown = await self.insights.look(caller, look)
        return await self._framed(request, visitor, shown, status=status, headers=headers)

    async def page(self, request: Request[Any, Any, Any], reading: Reading, view: ListView) -> Response[bytes]:
        """Answer with a page of a list, as the address asks for it. Raises Problems, Unavailable."""
        caller = await self.caller(request)

        def look(snapshot: Snapshot, found: Found) -> tuple[Visitor, Shown]:
            visitor = self._visitor(snapshot)
            return visitor, view(snapshot, visitor, found)

        (visitor, shown), following = await self.insights.page(request, caller, reading, look)
        asked = {**dict.fromkeys(reading.fields, ""), **request.query_params}
        whole = {**shown.data, "next": following, "asked": asked, "filtered": bool(request.query_params)}
        return await self._framed(request, visitor, Shown(shown.template, whole))

    def welcome(
        self,
        request: Request[Any, Any, Any],
        template: str,
        data: Mapping[str, Any],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response[bytes]:
        """Answer somebody of whom nothing is known, or nothing can be asked: the database may be away."""
        wishes = wishes_of(request)
        # As it was when somebody last looked: the database may be away.
        look = self.looks.get(self.store, SHIPPED)
        frame = self._frame(request, None, look, wishes)
        spoken = wishes.speech(look, self.root)
        return html.page(
            template, spoken, {**frame, **data}, status=status, headers=headers, form_targets=self.form_targets
        )

    async def look(self, request: Request[Any, Any, Any]) -> Look:
        """Give how the pages of a browser look: those of its session's store, else of the default one."""
        caller = await self.insights.door.visitor(request)
        store = await self.insights.stores.get(self.store if caller is None else caller.store)
        found = await store.run(lambda rows: look_of(rows, store.keyring))
        self.looks[store.name] = found
        return found

    def _visitor(self, snapshot: Snapshot) -> Visitor:
        self.looks[snapshot.store.name] = look_of(snapshot.rows, snapshot.store.keyring)
        return visitor_of(snapshot)

    async def _framed(
        self,
        request: Request[Any, Any, Any],
        visitor: Visitor,
        shown: Shown,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response[bytes]:
        wishes = wishes_of(request)
        look = self.looks[visitor.caller.store]
        frame = self._frame(request, visitor, look, wishes)
        spoken = wishes.speech(look, self.root, visitor.person, visitor.zone)
        drawn = {}
        for name, drawing in shown.charts.items():
            specification = drawing(spoken)
            drawn[name] = None if specification is None else await self.charts.drawn(specification)
        return html.page(
            shown.template,
            spoken,
            {**frame, **shown.data, "charts": drawn},
            status=status,
            form_targets=self.form_targets,
            headers=headers,
        )

    def _frame(
        self, request: Request[Any, Any, Any], visitor: Visitor | None, look: Look, wishes: Wishes
    ) -> dict[str, Any]:
        return {
            "visitor": visitor,
            "look": look,
            "look_version": version_of(look),
            "theme": wishes.theme,
            "here": request.scope["path"],
            "signs_in": self.sign_in.available,
        }


def _wanted(request: Request[Any, Any, Any]) -> str:
    query = request.scope["query_string"].decode("latin-1")
    path: str = request.scope["path"]
    return f"{path}?{query}" if query else path
