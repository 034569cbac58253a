"""``/changes``: server-sent events, each saying that a projection has moved on and for whom.

Source: WHATWG HTML, 9.2 "Server-sent events". An event's id is a position: who comes back with it as ``Last-Event-ID``
is told of everything after it, some of it maybe for the second time.
"""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any, Final, NamedTuple
from uuid import UUID

import msgspec
from litestar import Request
from litestar.response import Stream
from msgspec import Meta, Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.documentation import Field
from lrs.http import parameters
from lrs.insights.asking import wrong
from lrs.insights.caller import Caller
from lrs.insights.insights import Insights
from lrs.insights.notices import heard
from lrs.insights.question import day_of, policy_of
from lrs.insights.sight import Sight, sight_of
from lrs.insights.store import InsightStore
from lrs.insights.touched import TooLongAgo, Touched
from lrs.log.work import Unavailable
from lrs.problem import Problem

_queries = sql.load(__package__)
HEARTBEAT: Final = 15.0
"""Seconds of silence after which a comment is sent, so that proxies keep the connection."""
_LIFE: Final = 600.0
"""Seconds after which a stream ends: whoever comes back is asked again who they are."""
_RETRY: Final = b"retry: 2000\n\n"
PARAMETERS: Final = {
    "projection": Field("Only changes of this projection: follow_up, streaks, manager_visibility or unknown_verbs."),
    "since": Field("Begin after this position; the header Last-Event-ID stands before it."),
}


class Change(Struct, frozen=True, kw_only=True):
    """What an event says."""

    projection: str
    position: Annotated[int, Meta(description="Everything up to here is in its tables now")]
    people: Annotated[
        list[UUID] | None, Meta(description="Whose rows may have changed, of those you see; null: maybe everybody's")
    ]


class _At(NamedTuple):
    """Where a projection stands: a rebuild changes all but the position."""

    position: int
    version: int
    meaning: int
    swaps: int


class Changes:
    """Streams changes to who may see them. For one event loop."""

    def __init__(self, insights: Insights) -> None:
        self._insights = insights
        self._touched: dict[str, Touched] = {}

    async def stream(self, request: Request[Any, Any, Any]) -> Stream:
        """Answer a request. Raises Problems, Unavailable."""
        caller = await self._insights.door.caller(request)
        given = parameters.parse(request.scope["query_string"], PARAMETERS)
        store = await self._insights.stores.get(caller.store)
        only = given.get("projection")
        standing = await store.run(_standing)
        if only is not None and only not in standing:
            raise wrong("projection", only, f"one of {', '.join(sorted(standing)) or 'those that run here: none do'}")
        since = request.headers.get("last-event-id") or given.get("since")
        told = {name: at for name, at in standing.items() if only in (None, name)}
        if since is not None:
            told = {name: at._replace(position=min(at.position, _position(since))) for name, at in told.items()}
        headers = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"}
        events = self._events(store, caller, told)
        return Stream(events, media_type="text/event-stream", headers=headers)

    async def _events(self, store: InsightStore, caller: Caller, told: dict[str, _At]) -> AsyncIterator[bytes]:
        notices = self._insights.notices
        ends = time.monotonic() + _LIFE
        touched = self._touched.setdefault(store.name, Touched(store))
        yield _RETRY
        silent = time.monotonic()
        while time.monotonic() < ends and not notices.closing.is_set():
            notice = notices.next(store.schema)
            try:
                standing = await store.run(_standing)
                for name, at in told.items():
                    now_at = standing.get(name, at)
                    if now_at != at:
                        told[name] = now_at
                        if (change := await self._change(store, caller, touched, name, at, now_at)) is not None:
                            yield _event(change, min(one.position for one in told.values()))
                            silent = time.monotonic()
            except (Unavailable, Problem):
                return
            if time.monotonic() - silent >= HEARTBEAT:
                yield b":\n\n"
                silent = time.monotonic()
            await heard(notice, HEARTBEAT)

    async def _change(
        self, store: InsightStore, caller: Caller, touched: Touched, name: str, before: _At, after: _At
    ) -> Change | None:
        """Give what there is to tell this caller; None: nothing."""
        everybody = Change(projection=name, position=after.position, people=None)
        if before._replace(position=after.position) != after:
            return everybody
        try:
            touches = await touched.between(before.position, after.position)
        except TooLongAgo:
            return everybody
        if any(touch.who is None for touch in touches):
            return everybody
        who = {one for touch in touches for one in touch.who or ()}
        people = await store.run(lambda rows: _seen(rows, store, caller, who))
        return None if not who or people == [] else msgspec.structs.replace(everybody, people=people)


def _seen(rows: Cursor[TupleRow], store: InsightStore, caller: Caller, who: set[UUID]) -> list[UUID] | None:
    """Give the persons among these that a caller sees now; None: they see figures only."""
    if not caller.sees_persons:
        return None
    sight: Sight = sight_of(rows, store, caller, day_of(policy_of(rows), datetime.now(UTC)))
    seen = [one for one in who if sight.sees(one)]
    found = rows.execute(_queries.persons_of, {"ids": seen}).fetchall()
    return sorted(person for (person,) in found if sight.sees(person))


def _standing(rows: Cursor[TupleRow]) -> dict[str, _At]:
    found = rows.execute(_queries.projected).fetchall()
    return {name: _At(*at) for name, *at, _ in found}


def _position(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Problem(400, f"Last-Event-ID or since is {text[:100]!r}: it must be the id of an event, a position")
    return int(text)


def _event(change: Change, id_: int) -> bytes:
    return b"id: %d\nevent: changed\ndata: %s\n\n" % (id_, msgspec.json.encode(change))
