"""``/privacy/v1``: what is held about a person and who looked, for privacy officers; ``/me`` for everybody."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from litestar import Request, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct, json
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.access import Access, Known, accesses_of, known
from lrs.api import answer
from lrs.audit import html
from lrs.audit.subject.held import Held, held
from lrs.audit.subject.written import as_json, page
from lrs.audit.whose import whose
from lrs.documentation import Field
from lrs.errors import NotFound
from lrs.http import parameters
from lrs.insights import Insights, documentation
from lrs.insights.caller import Caller
from lrs.log.messages import MessageLog
from lrs.problem import Problem

T = TypeVar("T")
_queries = sql.load("lrs.audit")
_AT_ONCE: Final = 2
"""Exports at a time: each reads all that there is of somebody."""
_FORMATS: Final = ("json", "html")
_FORMAT: Final = {"format": Field("JSON, or a page to read and print.", choices=_FORMATS)}
_LEARNER: Final = {
    "learner": Field(
        "Whose: the id of a learner or person, or an xAPI identifier (`ann@example.org`, `account:https://lms.example "
        "ann`, `mbox_sha1sum:…`, `openid:…`). An id is better: addresses end up in the logs of proxies.",
        required=True,
    )
}
_Read = Callable[[Cursor[TupleRow], MessageLog, str], T]


class Accesses(Struct, frozen=True):
    """Who looked at a person's data."""

    person: UUID
    learners: list[UUID]
    accesses: Annotated[list[Access], Meta(description="The latest first; one for each day, reader and what was read")]


def subject_router(insights: Insights) -> Router:
    """Give the router."""
    subjects = _Subjects(insights)
    return Router(
        "/privacy/v1",
        route_handlers=[*_of_anybody(subjects), *_of_oneself(subjects)],
        exception_handlers={Exception: answer},
        security=[{"bearer": []}, {"session": []}, {"basic": []}],
        tags=["Privacy"],
    )


def _of_anybody(subjects: "_Subjects") -> list[HTTPRouteHandler]:
    taken = {**_LEARNER, **_FORMAT}

    @get(
        "/export",
        operation_id="subject-export",
        summary="Export what is held about a person",
        operation_class=documentation.operation(taken, csv=False),
        responses=documentation.whole(Held),
    )
    async def export(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Everything: statements by and about them, documents, attachments, organisation, figures, who looked.

        For privacy officers and credentials with `privacy`. It is recorded, and shown to the person.
        """
        caller = await subjects.officer(request)
        given = parameters.parse(request.scope["query_string"], taken)
        form = _form(given)
        found, as_who = await subjects.look(caller, parameters.required(given, "learner"), held)
        await subjects.note(caller, found.learners, "subject export", as_who)
        return _written(found, form)

    @get(
        "/accesses",
        operation_id="accesses",
        summary="List who looked at a person's data",
        operation_class=documentation.operation(_LEARNER, csv=False),
        responses=documentation.whole(Accesses),
    )
    async def accesses(request: Request[Any, Any, Any]) -> Response[bytes]:
        """For privacy officers and credentials with `privacy`. It is recorded, and shown to the person."""
        caller = await subjects.officer(request)
        given = parameters.parse(request.scope["query_string"], _LEARNER)
        found, as_who = await subjects.look(caller, parameters.required(given, "learner"), _accesses)
        await subjects.note(caller, found.learners, "access record", as_who)
        return _json(found)

    return [export, accesses]


def _of_oneself(subjects: "_Subjects") -> list[HTTPRouteHandler]:
    @get(
        "/me/export",
        operation_id="my-export",
        summary="Export what is held about you",
        operation_class=documentation.operation(_FORMAT, csv=False),
        responses=documentation.whole(Held),
    )
    async def export(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Everything that is held about whoever has signed in."""
        caller, me = await subjects.oneself(request)
        form = _form(parameters.parse(request.scope["query_string"], _FORMAT))
        return _written(await subjects.read(caller, me, held), form)

    @get(
        "/me/accesses",
        operation_id="my-accesses",
        summary="List who looked at your data",
        responses=documentation.whole(Accesses),
    )
    async def accesses(request: Request[Any, Any, Any]) -> Response[bytes]:
        """Who looked at the data of whoever has signed in."""
        caller, me = await subjects.oneself(request)
        parameters.none(request.scope["query_string"])
        return _json(await subjects.read(caller, me, _accesses))

    return [export, accesses]


class _Subjects:
    """Reads about single persons."""

    def __init__(self, insights: Insights) -> None:
        self._insights = insights
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def officer(self, request: Request[Any, Any, Any]) -> Caller:
        """Give who asks, if they may know about anybody. Raises a Problem 401 or 403."""
        caller = await self._insights.door.caller(request, "privacy")
        if not caller.guards_privacy:
            raise Problem(403, "this is for privacy officers; /privacy/v1/me is about yourself")
        return caller

    async def oneself(self, request: Request[Any, Any, Any]) -> tuple[Caller, str]:
        """Give who asks, and the identifier they are known by. Raises a Problem 401, 403 or 404."""
        caller = await self._insights.door.caller(request, "privacy")
        if caller.credential is not None:
            raise Problem(403, "a credential is nobody: sign in, or ask about somebody at /privacy/v1/export")
        if caller.identity is None:
            raise Problem(
                404, "the sign-in provider doesn't say who you are in statements: nothing can be found of you"
            )
        return caller, caller.identity

    async def read(self, caller: Caller, who: str, work: _Read[T]) -> T:
        """Read about somebody in one snapshot. Raises NotFound, Malformed, Unavailable."""
        store = await self._insights.stores.get(caller.store)
        async with self._turn:
            return await store.run(lambda cursor: work(cursor, store.log, who))

    async def look(self, caller: Caller, who: str, work: _Read[T]) -> tuple[T, Known | None]:
        """Read about somebody, and find as whom to ``note`` it, in one snapshot. Raises as ``read``."""

        def looking(cursor: Cursor[TupleRow], log: MessageLog, who: str) -> tuple[T, Known | None]:
            return work(cursor, log, who), known(cursor, log.keyring, caller.reader)

        return await self.read(caller, who, looking)

    async def note(self, caller: Caller, persons: list[UUID], means: str, as_who: Known | None) -> None:
        """Note that somebody looked, before what they looked at goes out; not if it is themselves."""
        if caller.identity is not None:
            with_me = await self._mine(caller)
            persons = [person for person in persons if person not in with_me]
        await self._insights.access.seen(caller.store, caller.reader, persons, means, as_who, at_once=True)

    async def _mine(self, caller: Caller) -> frozenset[UUID]:
        try:
            return await self.read(caller, caller.identity or "", _ids)
        except NotFound:
            return frozenset()


def _ids(cursor: Cursor[TupleRow], log: MessageLog, who: str) -> frozenset[UUID]:
    head = int(sql.one(cursor.execute(_queries.head))[0])
    return whose(cursor, log, who, log.configuration(cursor, head)).ids


def _accesses(cursor: Cursor[TupleRow], log: MessageLog, who: str) -> Accesses:
    head = int(sql.one(cursor.execute(_queries.head))[0])
    subject = whose(cursor, log, who, log.configuration(cursor, head))
    return Accesses(subject.person, sorted(subject.ids), accesses_of(cursor, log.keyring, subject.ids))


def _written(found: Held, form: str) -> Response[bytes]:
    headers = {**html.HEADERS, "Vary": "Authorization, Cookie"}
    if form == "html":
        return Response(b"".join(page(found)), media_type="text/html", headers=headers)
    headers["Content-Disposition"] = 'attachment; filename="export.json"'
    return Response(as_json(found), media_type="application/json", headers=headers)


def _json(found: Accesses) -> Response[bytes]:
    headers = {**html.HEADERS, "Vary": "Authorization, Cookie"}
    return Response(json.encode(found), media_type="application/json", headers=headers)


def _form(given: Mapping[str, str]) -> str:
    form = given.get("format", "json")
    if form not in _FORMATS:
        raise Problem(400, f"the query parameter format is {form[:100]!r}: it must be one of {', '.join(_FORMATS)}")
    return form
