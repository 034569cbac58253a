"""The insights API over HTTP: ``/insights/v1``."""

from typing import Any, Final

from litestar import Request, Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from lrs.api import answer
from lrs.insights import (
    documentation,
    evidence,
    figures,
    follow_ups,
    managers,
    operations,
    people,
    positions,
    seers,
    statements,
    streaks,
    teams,
    verbs,
)
from lrs.insights.changes import PARAMETERS, Change, Changes
from lrs.insights.insights import Insights
from lrs.insights.positions import Me, Positions
from lrs.insights.reading import Reading

_NOT_KEPT: Final = {"Cache-Control": "private, no-store"}
READINGS: Final = (
    follow_ups.LIST,
    figures.FOLLOW_UPS,
    follow_ups.ONE,
    streaks.LIST,
    figures.STREAKS,
    streaks.ONE,
    managers.LIST,
    managers.FIGURES,
    managers.ONE,
    people.LIST,
    people.ONE,
    teams.LIST,
    teams.ONE,
    verbs.LIST,
    statements.LIST,
    evidence.ONE,
    seers.ONE,
    operations.INGEST,
    operations.REFUSALS,
)


def insights_router(insights: Insights) -> Router:
    """Give the router of the insights API."""
    return Router(
        "/insights/v1",
        route_handlers=[*(_handler(insights, reading) for reading in READINGS), *_others(insights)],
        exception_handlers={Exception: answer},
        security=[{"bearer": []}, {"session": []}, {"basic": []}],
        tags=["Insights"],
    )


def _handler(insights: Insights, reading: Reading) -> HTTPRouteHandler:
    async def read(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await insights.answer(request, reading)

    return get(
        reading.path,
        name=reading.name,
        operation_id=reading.name,
        summary=reading.summary,
        description=reading.description,
        operation_class=documentation.operation(reading.parameters(), csv=reading.many),
        responses=documentation.responses(reading.item, many=reading.many, example=reading.example),
    )(read)


def _others(insights: Insights) -> list[HTTPRouteHandler]:
    changes = Changes(insights)

    @get("/positions", operation_id="positions", summary="Show positions", response_headers=_NOT_KEPT)
    async def show_positions(request: Request[Any, Any, Any]) -> Positions:
        """Where the log ends, and how far each projection is: what `wait_for` waits for."""
        return await positions.positions(insights, request)

    @get("/me", operation_id="me", summary="Show who asks", response_headers=_NOT_KEPT)
    async def show_me(request: Request[Any, Any, Any]) -> Me:
        """Who asks, by token, session or credential, and what they may ask about."""
        return await positions.me(insights, request)

    @get(
        "/changes",
        operation_id="changes",
        summary="Listen to changes",
        operation_class=documentation.operation(PARAMETERS, csv=False),
        responses=documentation.stream(Change),
    )
    async def listen(request: Request[Any, Any, Any]) -> Stream:
        """Server-sent events: `changed`, whenever a projection has taken in something about people you see.

        An event's id is a position; send it as Last-Event-ID to go on from there. A stream ends after ten minutes:
        come back, as browsers do by themselves.
        """
        return await changes.stream(request)

    return [show_positions, show_me, listen]
