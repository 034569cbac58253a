"""Erasures over HTTP: ``/privacy/v1/erasures``, for privacy officers and programs with the scope ``privacy``."""

from asyncio import to_thread
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from lrs.api import answer
from lrs.audit.erasure.office import Office
from lrs.audit.erasure.report import Prospect, Report
from lrs.audit.officer import known_as, letting_in, officer
from lrs.configuration import Configurations
from lrs.documentation import refusing
from lrs.insights import Insights
from lrs.insights.caller import Caller
from lrs.settings import Settings

T = TypeVar("T")
PATIENCE: Final = 20.0
"""Seconds that a request waits for what follows an erasure."""
_NOT_KEPT: Final = {"Cache-Control": "private, no-store"}
_LARGEST_BODY: Final = 64 << 10


class Wanted(Struct, forbid_unknown_fields=True):
    """Whom to erase."""

    who: Annotated[
        str,
        Meta(
            description="An identifier (ann@example.org, account:https://lms.example ann, mbox_sha1sum:…, openid:…), "
            "or the id of a learner or a person",
            max_length=4_096,
        ),
    ]
    confirm: Annotated[
        UUID | None, Meta(description="As an answer without it gave: erases. Without it nothing is changed")
    ] = None


class Reports(Struct):
    """All erasures of persons, the latest first."""

    items: list[Report]


def erasure_router(insights: Insights, configurations: Configurations, settings: Settings) -> Router:
    """Give the router."""
    master = settings.master()

    async def of_caller(request: Request[Any, Any, Any], ask: Callable[[Office, Caller, str], T]) -> T:
        caller = officer(request)
        log = await configurations.get(caller.store)

        def work() -> T:
            office = Office(log, master, settings.base_url(), settings.stream_days)
            return ask(office, caller, known_as(log.keyring, caller))

        return await to_thread(work)

    @post(
        "/erasures",
        status_code=200,
        operation_id="erase",
        summary="Erase a person, or see what that would take",
        request_max_body_size=_LARGEST_BODY,
        responses={
            201: ResponseSpec(Report, description="Erased; or it was before: then it is the same answer"),
            202: ResponseSpec(Report, description="Erased in the database; something outside of it has yet to follow"),
            **refusing(404),
        },
    )
    async def erase(request: Request[Any, Any, Any], data: JSONBody[Wanted]) -> Response[Prospect | Report]:
        """Without `confirm`: tells what would go, and changes nothing. With it: erases, at once and for good.

        All identifiers that the organisation has linked go together, and an e-mail address with its SHA-1. Statements
        by the person can't be read any more, nor what others' statements said of who they are; documents, attachments,
        figures and the organisation's entries are gone; the log and every proof over it stay as they were. Asking
        again gives the same receipt. Who returns afterwards is somebody new. 404 if nobody goes by that name; 400 if
        `confirm` isn't the person that it names. That somebody looked is recorded, and shown to the person.
        """
        if data.confirm is None:
            prospect = await of_caller(
                request, lambda office, caller, _: office.look(data.who, caller.reader, insights.access)
            )
            return Response(prospect, headers=_NOT_KEPT)
        confirm = data.confirm
        report = await of_caller(
            request, lambda office, _, by: office.erase(data.who, confirm=confirm, by=by, patience=PATIENCE)
        )
        return Response(report, status_code=201 if report.receipt else 202, headers=_NOT_KEPT)

    @get("/erasures", operation_id="erasures", summary="List erasures")
    async def everything(request: Request[Any, Any, Any]) -> Response[Reports]:
        """List all erasures of persons, the latest first. Nothing in them says who it was."""
        found = await of_caller(request, lambda office, *_: office.everything())
        return Response(Reports(found), headers=_NOT_KEPT)

    @get("/erasures/{person:uuid}", operation_id="erasure", summary="Show an erasure and its receipt")
    async def one(request: Request[Any, Any, Any], person: FromPath[UUID]) -> Response[Report]:
        """Show an erasure by the id of the person, or of any learner that they were."""
        return Response(await of_caller(request, lambda office, *_: office.of(person)), headers=_NOT_KEPT)

    return Router(
        "/privacy/v1",
        route_handlers=[erase, everything, one],
        before_request=letting_in(insights.door),
        exception_handlers={Exception: answer},
        security=[{"bearer": []}, {"session": []}, {"basic": []}],
        tags=["Privacy"],
    )
