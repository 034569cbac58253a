"""Retention over HTTP: ``/privacy/v1/retention``, for privacy officers and programs with the scope ``privacy``."""

import time
from asyncio import to_thread
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

import psycopg
from litestar import Request, Response, Router, get, post, put
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta, Struct
from psycopg.rows import tuple_row

from lrs.api import answer, version_seen
from lrs.audit.officer import known_as, letting_in, officer
from lrs.audit.retention.expiry import Expired, Expiry
from lrs.audit.retention.forecast import Forecast, forecast
from lrs.audit.retention.retention import Retention
from lrs.audit.retention.rules import Rules, parse_rules
from lrs.configuration import Changed, ConfigurationLog, Configurations
from lrs.documentation import JSON, taking
from lrs.insights.caller import Door

T = TypeVar("T")
PATIENCE: Final = 20.0
"""Seconds that a request to run works; the rest is for the next one, or the daily run."""
_LARGEST_BODY: Final = 1 << 20


class Wanted(Struct, forbid_unknown_fields=True):
    """Which rules to carry out."""

    version: Annotated[int, Meta(description="Version of the rules, as the ETag of GET says it: what was looked at")]


def retention_router(door: Door, configurations: Configurations, stream_days: int) -> Router:
    """Give the router; ``stream_days`` is how long streams keep messages."""

    async def of_caller(request: Request[Any, Any, Any], ask: Callable[[ConfigurationLog, str], T]) -> T:
        caller = officer(request)
        log = await configurations.get(caller.store)
        return await to_thread(lambda: ask(log, known_as(log.keyring, caller)))

    @get("/retention", operation_id="retention", summary="Show how long statements are kept")
    async def show(request: Request[Any, Any, Any]) -> Response[Rules]:
        """Give the rules in force. Statements that no rule covers are kept for ever."""
        found = await of_caller(request, lambda log, _: Retention(log).present())
        return Response(found.rules, headers={"ETag": f'"{found.version}"'})

    @put(
        "/retention",
        operation_id="setRetention",
        summary="Set how long statements are kept",
        operation_class=taking(f"{JSON} Rules"),
        request_max_body_size=_LARGEST_BODY,
    )
    async def set_(
        request: Request[Any, Any, Any],
        why: Annotated[str, QueryParameter(description="One line for the record")] = "",
        dry_run: Annotated[bool, QueryParameter(name="dryRun", description="Only check them")] = False,
    ) -> Changed:
        """Set the rules, whole. The next run carries them out, which is done once a day.

        Each rule has a `name`, the `days` that statements are kept from when they were stored, and may be narrowed down
        by `verbs` and `activity_types`. With `If-Match` 409 if the rules aren't the ones that you saw.
        """
        seen = version_seen(request)
        body = await request.body()
        return await of_caller(
            request,
            lambda log, by: Retention(log).set(parse_rules(body, "body"), by=by, why=why, seen=seen, dry_run=dry_run),
        )

    @post(
        "/retention/try",
        status_code=200,
        operation_id="tryRetention",
        summary="See what would be forgotten",
        operation_class=taking(f"{JSON} Rules", required=False),
        request_max_body_size=_LARGEST_BODY,
    )
    async def try_(request: Request[Any, Any, Any]) -> Forecast:
        """Tell what a run would forget now, by the rules in the body, or without one by those in force.

        How many statements by each rule and month, and the ids of a few. Nothing is forgotten.
        """
        body = await request.body()

        def look(log: ConfigurationLog, _: str) -> Forecast:
            rules = parse_rules(body, "body") if body else Retention(log).present().rules
            with log.reading() as reading:
                cursor = psycopg.ClientCursor(reading.connection, row_factory=tuple_row)
                return forecast(cursor, log.keyring, rules, datetime.now(UTC))

        return await of_caller(request, look)

    @post(
        "/retention/run",
        status_code=200,
        operation_id="runRetention",
        summary="Forget what is due",
        request_max_body_size=_LARGEST_BODY,
    )
    async def run(request: Request[Any, Any, Any], data: JSONBody[Wanted]) -> Expired:
        """Forget the statements whose time is up, now and for good, for some seconds.

        `complete` false: there are more; ask again, or leave them to the daily run. 409 if the rules aren't those of
        `version` (any more), or another run is at work.
        """

        def forget(log: ConfigurationLog, by: str) -> Expired:
            until = time.monotonic() + PATIENCE
            expiry = Expiry(log, stream_days)
            return expiry.run(datetime.now(UTC), by=by, seen=data.version, go_on=lambda _: time.monotonic() < until)

        return await of_caller(request, forget)

    return Router(
        "/privacy/v1",
        route_handlers=[show, set_, try_, run],
        before_request=letting_in(door),
        exception_handlers={Exception: answer},
        security=[{"bearer": []}, {"session": []}, {"basic": []}],
        tags=["Privacy"],
    )
