"""``/dashboard``: the pages, and what they load."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, Router, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from lrs.dashboard import html, me, operations, organisation, people, statements, team
from lrs.dashboard.dashboard import NOT_KEPT, Dashboard, ListView, View
from lrs.dashboard.errors import error_page
from lrs.dashboard.look import style
from lrs.dashboard.visitor import cookies
from lrs.http import parameters
from lrs.http.path import named
from lrs.insights import follow_ups
from lrs.insights import statements as reading
from lrs.insights.reading import Reading
from lrs.problem import Problem

_FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable", **html.HEADERS}
_OF_STORE: Final = {"Cache-Control": "private, max-age=86400", "Vary": "Cookie", **html.HEADERS}
"""Its address changes when it does; but whose it is, the session says."""
_PICTURE: Final = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
"""Should somebody open a logo by itself: no script in it runs."""


def dashboard_router(dashboard: Dashboard) -> Router:
    """Give the router of the dashboard."""

    def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        return error_page(dashboard, request, error)

    return Router(
        "/",
        route_handlers=[
            *_entrance(dashboard),
            *_files(dashboard),
            *_changes(dashboard),
            *operations.handlers(dashboard),
            *(_page(dashboard, path, view) for path, view in _PAGES),
            *(_list(dashboard, path, what, view) for path, what, view in _LISTS),
        ],
        exception_handlers={Exception: answer},
        include_in_schema=False,
    )


def _entrance(dashboard: Dashboard) -> list[HTTPRouteHandler]:
    @get("/")
    async def welcome(request: Request[Any, Any, Any]) -> Response[bytes]:
        if await dashboard.insights.door.visitor(request) is not None:
            return dashboard.to("/dashboard")
        await dashboard.look(request)
        return dashboard.welcome(request, "welcome.html", {})

    @get("/dashboard/enter/{token:str}")
    async def enter(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[bytes]:
        # Whoever looks ahead at what might be opened must not use the link up: browsers, and chats that show where a
        # link leads.
        ahead = "sec-purpose" in request.headers or "purpose" in request.headers
        if ahead or request.scope["state"].get("head"):
            raise Problem(503, "a one-time link is opened when it is clicked", headers=NOT_KEPT)
        person = await dashboard.links.use(token)
        if person is None:
            await dashboard.look(request)
            return dashboard.welcome(request, "link.html", {}, status=403)
        session = await dashboard.sign_in.cookies.new_session(person)
        return dashboard.to("/dashboard", [session])

    return [welcome, enter]


def _files(dashboard: Dashboard) -> list[HTTPRouteHandler]:
    @get("/dashboard/static/{name:str}")
    async def static(name: FromPath[str]) -> Response[bytes]:
        try:
            return Response(html.static(name), media_type=html.STATIC[name], headers=_FOR_EVER)
        except KeyError:
            raise Problem(404, "there is no such file") from None

    @get("/dashboard/look.css")
    async def look(request: Request[Any, Any, Any]) -> Response[bytes]:
        text = style(await dashboard.look(request)).encode()
        return Response(text, media_type="text/css", headers=_OF_STORE)

    @get("/dashboard/logo")
    async def logo(request: Request[Any, Any, Any]) -> Response[bytes]:
        found = (await dashboard.look(request)).logo
        if found is None:
            raise Problem(404, "this store has no logo of its own")
        return Response(found.data, media_type=found.media_type, headers={**_OF_STORE, **_PICTURE})

    return [static, look, logo]


_PAGES: Final[tuple[tuple[str, Callable[[Mapping[str, Any]], View]], ...]] = (
    ("/dashboard/me", lambda _: me.show),
    ("/dashboard/people/{person:uuid}", lambda path: people.person(path["person"])),
    ("/dashboard/people/{person:uuid}/weeks/{monday:str}", lambda path: people.week(path["person"], path["monday"])),
    ("/dashboard/follow-ups/{person:uuid}/{plan:uuid}", lambda path: people.follow_up(path["person"], path["plan"])),
    ("/dashboard/team", lambda _: team.team(None)),
    ("/dashboard/team/{name:path}", lambda path: team.team(path["name"])),
    ("/dashboard/organisation", lambda _: organisation.show),
    ("/dashboard/statements/{statement:uuid}", lambda path: statements.one(path["statement"])),
)
"""Addresses, and the view that each shows."""
_LISTS: Final[tuple[tuple[str, Reading, ListView], ...]] = (
    ("/dashboard/follow-ups", follow_ups.LIST, people.list_of_follow_ups),
    ("/dashboard/statements", reading.LIST, statements.browse),
)
"""Addresses that take the filters of a read, and the view of what it gives."""


def _page(dashboard: Dashboard, path: str, view: Callable[[Mapping[str, Any]], View]) -> HTTPRouteHandler:
    async def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await dashboard.show(request, view(named(request)))

    return get(path)(show)


def _list(dashboard: Dashboard, path: str, what: Reading, view: ListView) -> HTTPRouteHandler:
    async def show(request: Request[Any, Any, Any]) -> Response[bytes]:
        if "" in request.query_params.values():
            # A form sends what was left empty, too; an address to keep or pass on is without it.
            given = {name: value for name, value in request.query_params.items() if value}
            return dashboard.to(f"{path}?{urlencode(given)}" if given else path)
        return await dashboard.page(request, what, view)

    return get(path)(show)


def _changes(dashboard: Dashboard) -> list[HTTPRouteHandler]:
    @get("/dashboard")
    async def first(request: Request[Any, Any, Any]) -> Response[bytes]:
        return dashboard.to(await dashboard.insights.look(await dashboard.caller(request), me.first_page))

    @get("/dashboard/organisation/training")
    async def show_training(request: Request[Any, Any, Any]) -> Response[bytes]:
        iri = parameters.required(parameters.parse(request.scope["query_string"], ("iri",)), "iri")
        return await dashboard.show(request, organisation.training(iri))

    @post("/dashboard/preferences", status_code=303)
    async def prefer(request: Request[Any, Any, Any]) -> Response[bytes]:
        _, form = await dashboard.changing(request)
        back = str(form.get("back", "/dashboard"))
        safe = back if back.startswith("/dashboard") and back.isprintable() and "\\" not in back else "/dashboard"
        chosen = cookies(str(form.get("language")), str(form.get("theme")), secure=dashboard.secure)
        return dashboard.to(safe, chosen)

    return [first, show_training, prefer]
