"""``/sign-in`` and ``/sign-out``: where browsers go."""

from hmac import compare_digest
from typing import Any, Final
from urllib.parse import quote

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.enums import RequestEncodingType

from lrs.documentation import refusing
from lrs.problem import Problem
from lrs.sign_in.session import Session
from lrs.sign_in.sign_in import SignIn

_SAFE: Final = "/?#&=%:;,@!$'()*+~"
_LONGEST_PATH: Final = 2_000
"""Bytes: it is kept in a cookie, of which browsers take 4,096 (RFC 6265, 6.1)."""
_NOT_KEPT = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class SignInPages(Controller):
    """For people with a browser; programs send a bearer token or HTTP Basic."""

    tags = ("Sign-in",)

    @get("/sign-in", status_code=303, summary="Sign in", responses=refusing(400, 404, 503))
    async def begin(self, request: Request[Any, Any, Any], sign_in: NamedDependency[SignIn]) -> Response[None]:
        """Send the browser to the sign-in provider; `return_to` is a path here, where it goes afterwards."""
        address, cookie = await sign_in.begin(_local(request.query_params.get("return_to", "/")))
        return Response(None, status_code=303, headers={"Location": address, **_NOT_KEPT}, cookies=[cookie])

    @get(
        "/sign-in/callback",
        status_code=303,
        summary="Come back from the provider",
        responses=refusing(400, 403, 404, 502, 503),
    )
    async def finish(self, request: Request[Any, Any, Any], sign_in: NamedDependency[SignIn]) -> Response[None]:
        """Take the provider's answer, begin a session, and send the browser where it was going."""
        person, return_to = await sign_in.finish(dict(request.query_params), request.cookies)
        cookies = [await sign_in.cookies.new_session(person), sign_in.cookies.gone("attempt")]
        headers = {"Location": sign_in.base_url + quote(return_to, safe=_SAFE), **_NOT_KEPT}
        return Response(None, status_code=303, headers=headers, cookies=cookies)

    @post("/sign-out", status_code=303, summary="Sign out", responses=refusing(403, 413, 415, 503))
    async def leave(self, request: Request[Any, Any, Any], sign_in: NamedDependency[SignIn]) -> Response[None]:
        """End the session, here and at the provider. Needs the session's `csrf`, as header or form field."""
        if (session := await sign_in.session(request.cookies)) is not None:
            await refuse_forged(request, session)
        headers = {"Location": await sign_in.farewell(), **_NOT_KEPT}
        return Response(None, status_code=303, headers=headers, cookies=[sign_in.cookies.gone("session")])


def sign_in_pages(sign_in: SignIn) -> type[Controller]:
    """Give the pages, for this sign-in."""

    class Pages(SignInPages):
        dependencies = {"sign_in": Provide(lambda: sign_in, sync_to_thread=False)}  # noqa: RUF012

    return Pages


async def refuse_forged(request: Request[Any, Any, Any], session: Session) -> None:
    """Refuse a request by which a page of another site would change something in somebody's name."""
    given = request.headers.get("x-csrf-token")
    if given is None and request.content_type[0] == RequestEncodingType.URL_ENCODED:
        given = (await request.form()).get("csrf")
    if not isinstance(given, str) or not compare_digest(given.encode(), session.csrf.encode()):
        raise Problem(403, "the CSRF token is missing or wrong: send the session's csrf as X-CSRF-Token or field csrf")


def _local(path: str) -> str:
    """Give a path of this server: anything else could lead a person who has just signed in elsewhere."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable():
        raise Problem(400, f"return_to is {path[:100]!r}: it must be a path on this server, such as /")
    return path if len(path.encode()) <= _LONGEST_PATH else "/dashboard"
