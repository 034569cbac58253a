"""What every xAPI request passes through before it is routed: the rules that hold for all resources alike.

CORS, HEAD, the alternate request syntax, the version header, gzip, the size limit, who asks. It wraps the router, so
that it also serves requests no route matches, and may change the method that is routed.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final

from litestar import Request
from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from litestar.types.asgi_types import HTTPScope
from litestar.utils.path import normalize_path
from msgspec import Struct

from lrs.credential import Credentials
from lrs.http import body
from lrs.http.authorization import authenticated
from lrs.http.headers import Headers, listed
from lrs.log.work import Unavailable
from lrs.problem import RETRY_AFTER, Problem, describe
from lrs.statement import Version, in_utc
from lrs.store import Stores
from lrs.xapi import alternate, version
from lrs.xapi.answer import Answer, accepts_gzip
from lrs.xapi.cors import Origins

PREFIX: Final = "/xapi"
CONSISTENT_THROUGH: Final = b"x-experience-api-consistent-through"
POSITION: Final = b"x-vliegwiel-position"
"""Where in the log the request's statements are at the latest: what ``wait_for`` of the read API takes."""


_LATER: Final = {"Retry-After": str(RETRY_AFTER)}

_LONG_AGO: Final = b"1970-01-01T00:00:00.000Z"
"""Consistent-through of an answer that has seen no store: true of any."""


_LARGEST_FORM: Final = 4 << 20
"""Bytes of a form of the alternate request syntax that is read before it is known who sends it."""


class Rules(Struct, frozen=True):
    """What the settings say about requests."""

    assumed_version: Version
    """Named in answers to requests that name no version."""
    origins: Collection[str]
    largest_body: int


class Gateway:
    """An ASGI app in front of the router."""

    def __init__(
        self,
        router: ASGIApp,
        methods: Callable[[str], str],
        stores: Stores,
        credentials: Credentials,
        rules: Rules,
    ) -> None:
        """Stand in front of the router; ``methods`` gives those of the resource at a path, as ``Allow`` has them."""
        self._router = router
        self._methods = methods
        self._stores = stores
        self._credentials = credentials
        self._rules = rules
        self._origins = Origins(rules.origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; what isn't xAPI goes to the router, unless it is packed or asks for methods."""
        if scope["type"] != ScopeType.HTTP:
            await self._router(scope, receive, send)
            return
        began = False

        async def begin(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._answer(scope, receive, begin)
        except asyncio.CancelledError:
            # The server ends and waits for nobody any longer, or the client has hung up (`lrs/protocol`).
            if began:
                raise
            ended = Problem(503, "the server is shutting down: send the same request again", headers=_LATER)
            refusal = ended.response()
            await refusal.to_asgi_response(app=None, request=Request(scope))(scope, receive, send)

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        path = resource(scope)
        if path is not None:
            # A copy, because the server goes by its own: it knows a HEAD by the method.
            await self._serve(scope.copy(), path, receive, send)
            return
        if scope["method"] == "HEAD":
            scope = scope.copy()
            scope["method"] = HttpMethod.GET
            # For what doesn't stay as it is when it is read.
            scope["state"]["head"] = True
            send = partial(_without_body, send)
        if (refusal := body.refused_encoding(scope["headers"])) is not None:
            await refusal.response().to_asgi_response(app=None, request=Request(scope))(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and (allowed := self._allowed(scope)):
            await _send_nothing(send, allowed)
            return
        await self._router(scope, receive, send)

    async def _serve(self, scope: HTTPScope, path: str, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        if scope["method"] == "OPTIONS":
            asked = headers.get(b"access-control-request-headers")
            named = (version.HEADER, self._rules.assumed_version.encode())
            await _send_nothing(send, [*self._origins.preflight(origin, asked), *self._allowed(scope), named])
            return
        common = self._origins.headers(origin)
        answer = Answer(
            send,
            common,
            packed=accepts_gzip(value for name, value in scope["headers"] if name == b"accept-encoding"),
            head=scope["method"] == "HEAD",
            expecting=b"expect" in headers,
            late=partial(_of_the_log, scope) if path == "/statements" else None,
        )
        if scope["method"] == "HEAD":
            scope["method"] = HttpMethod.GET
        scope["state"]["version"] = version.family(headers.get(version.HEADER)) or self._rules.assumed_version
        app = self._router
        try:
            receive = await self._admit(scope, path, headers, receive)
        except Exception as error:
            request: Request[Any, Any, Any] = Request(scope)
            refusal = describe(error).response(listed(request, "accept") or "")
            app = refusal.to_asgi_response(app=None, request=request)
        common.append((version.HEADER, scope["state"]["version"].encode()))
        await app(scope, receive, answer.send)

    def _allowed(self, scope: HTTPScope) -> Headers:
        methods = self._methods(normalize_path(_path(scope)))
        return [(b"allow", methods.encode())] if methods else []

    async def _admit(self, scope: HTTPScope, path: str, headers: dict[bytes, bytes], receive: Receive) -> Receive:
        """Find out what the resources need to know, and give what they read the body from; raises to refuse."""
        state = scope["state"]
        _refuse_repeated(list(scope["headers"]), distinct=len(headers))
        limit = self._rules.largest_body
        rewritten = alternate.is_used(scope["query_string"])
        if rewritten:
            if (authorization := headers.get(b"authorization")) is None:
                # Who asks stands in the form.
                limit = min(limit, _LARGEST_FORM)
            else:
                await authenticated(authorization, self._credentials)
        receive = body.guarded(
            receive,
            declared=headers.get(b"content-length"),
            encoding=headers.get(b"content-encoding"),
            limit=limit,
        )
        if rewritten:
            receive = await _rewrite(scope, path, receive)
            headers = dict(scope["headers"])
        asked = headers.get(version.HEADER)
        if path == "/about":
            state["version"] = version.family(asked) or self._rules.assumed_version
            return receive
        state["version"] = version.required(asked)
        if rewritten:
            _refuse_alternate_syntax(state["version"])
        credential = await authenticated(headers.get(b"authorization"), self._credentials)
        state["credential"] = credential
        state["store"] = await self._stores.get(credential.store)
        return receive


def resource(scope: HTTPScope) -> str | None:
    """Give the path of a request below the xAPI prefix, without a trailing slash; None if it isn't xAPI."""
    path = _path(scope)
    if "//" in path:
        # The router takes several slashes for one: what it would route to a resource has to pass here.
        path = normalize_path(path)
    if not path.startswith(PREFIX):
        return None
    rest = path[len(PREFIX) :]
    return rest.rstrip("/") if not rest or rest[0] == "/" else None


def _path(scope: HTTPScope) -> str:
    path = scope["path"]
    root = scope.get("root_path")
    return path.removeprefix(root) if root else path


_ONCE: Final = (b"authorization", b"content-encoding", b"content-length", b"content-type", version.HEADER)
"""Headers that decide what a request means: given twice, everyone on the way might go by another one."""


def _refuse_repeated(headers: Headers, *, distinct: int) -> None:
    if len(headers) == distinct:
        return
    names = [name for name, _ in headers]
    for name in _ONCE:
        if names.count(name) > 1:
            raise Problem(400, f"the header {name.decode()} is given more than once: send it once")


async def _rewrite(scope: HTTPScope, path: str, receive: Receive) -> Receive:
    given = list(scope["headers"])
    _refuse_alternate_syntax(version.family(dict(given).get(version.HEADER)))
    method, query, headers, content = alternate.interpret(
        scope["method"], scope["query_string"], given, await body.read(receive), json=path == "/statements"
    )
    scope["method"] = HttpMethod(method)
    scope["query_string"] = query
    scope["headers"] = headers
    return body.whole(content)


def _refuse_alternate_syntax(asked: Version | None) -> None:
    if asked == "2.0.0":
        raise Problem(400, "the query parameter method belongs to xAPI 1.0.3; 2.0 has no alternate request syntax")


async def _of_the_log(scope: HTTPScope, status: int) -> Headers:
    """Give the headers that say where the log stands (1.0.3 Communication 2.1.3), once the answer is known."""
    headers = [(CONSISTENT_THROUGH, await _consistent_through(scope["state"], status))]
    if (position := scope["state"].get("position")) is not None:
        headers.append((POSITION, b"%d" % position))
    return headers


async def _consistent_through(state: Mapping[str, Any], status: int) -> bytes:
    if (known := state.get("consistent_through")) is not None:
        return written(known)
    store = state.get("store")
    # A database that is away isn't asked again: the client would wait twice for the same news.
    if store is None or status >= 500:
        return _LONG_AGO
    try:
        return written(await store.consistent_through())
    except Unavailable:
        return _LONG_AGO


@lru_cache(16)
def written(moment: datetime) -> bytes:
    """Give a moment as xAPI's headers have it; requests that share a commit share it."""
    return in_utc(moment).encode()


async def _without_body(send: Send, message: Message) -> None:
    if message["type"] == "http.response.body":
        message["body"] = b""
    await send(message)


async def _send_nothing(send: Send, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
