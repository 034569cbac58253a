"""How every read is answered: who asks, as of when, up to where, in which format."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from litestar import Request, Response
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.access import AccessRecord
from lrs.documentation import Field
from lrs.http.path import named
from lrs.insights import csv, cursor, moment
from lrs.insights.answer import Detail, Page, Stand, as_csv, as_json, stand_as
from lrs.insights.asking import PAGE, Asked, asked, sorting
from lrs.insights.caller import Caller, Door
from lrs.insights.looks import Looks
from lrs.insights.notices import LOOK_AGAIN, Notices, heard
from lrs.insights.reading import Found, Reading
from lrs.insights.snapshot import Snapshot
from lrs.insights.standing import missing
from lrs.insights.store import InsightStore, InsightStores
from lrs.problem import RETRY_AFTER, Problem
from lrs.sign_in import TokenSeal

T = TypeVar("T")
WAIT: Final = 10.0
"""Seconds that ``wait_for`` waits."""
_REPLAYS: Final = 2
"""Questions about earlier moments that are answered at a time: each folds the log."""


class Insights:
    """Answers reads. For one event loop; ``close`` it when done."""

    def __init__(
        self,
        stores: InsightStores,
        door: Door,
        seal: TokenSeal,
        notices: Notices,
        base_url: str,
        access: AccessRecord,
    ) -> None:
        self.access = access
        self.stores = stores
        self.door = door
        self.notices = notices
        self._seal = seal
        # A proxy in front may have taken the first part of the public path off.
        self._base_path = urlsplit(base_url).path
        self._replays = asyncio.Semaphore(_REPLAYS)

    async def close(self) -> None:
        """End what waits and disconnect."""
        await self.notices.close()
        await self.access.close()
        await self.stores.close()

    async def look(self, caller: Caller, view: Callable[[Snapshot], T]) -> T:
        """Give what a view makes of the store as it is now. Raises Problems, Unavailable."""
        now = datetime.now(UTC)
        store = await self.stores.get(caller.store)

        def read(rows: Cursor[TupleRow]) -> tuple[T, Looks]:
            snapshot = Snapshot(rows, store, caller, moment.Moment(now, None), now)
            return view(snapshot), snapshot.looks()

        made, looks = await store.run(read)
        await self._note(caller, looks)
        return made

    async def page(
        self, request: Request[Any, Any, Any], caller: Caller, reading: Reading, view: Callable[[Snapshot, Found], T]
    ) -> tuple[T, str | None]:
        """Give what a view makes of a page of a list, asked for by a request's parameters, and where the next one is.

        Raises Problems, Unavailable.
        """
        now = datetime.now(UTC)
        reading.admit(caller)
        store = await self.stores.get(caller.store)
        fields = {**reading.fields, **sorting(reading.sorts, reading.usual), **PAGE}
        given, bound, place = await self._asked(request, reading, fields, store, now)
        when = moment.Moment(place.now if place else now, None)

        def read(rows: Cursor[TupleRow]) -> tuple[T, Found, Looks]:
            snapshot = Snapshot(rows, store, caller, when, now)
            _, found = snapshot.answer(reading, given, named(request), place.after if place else None)
            return view(snapshot, found), found, snapshot.looks()

        made, found, looks = await store.run(read)
        await self._note(caller, looks)
        if found.after is None:
            return made, None
        return made, given.next(await cursor.token(self._seal, cursor.Place(found.after, when.now), bound))

    async def answer(self, request: Request[Any, Any, Any], reading: Reading) -> Response[bytes]:
        """Answer a request. Raises Problems, Unavailable."""
        now = datetime.now(UTC)
        caller = await self.door.caller(request)
        reading.admit(caller)
        store = await self.stores.get(caller.store)
        question, bound, place = await self._asked(request, reading, reading.parameters(), store, now)
        if question.wait_for is not None:
            await self._wait(store, reading, question.wait_for)

        def read(rows: Cursor[TupleRow]) -> tuple[Stand, Any, Looks]:
            when = moment.resolve(rows, store, question.as_of, place.now if place else now)
            snapshot = Snapshot(rows, store, caller, when, now)
            stand, found = snapshot.answer(reading, question, named(request), place.after if place else None)
            return stand, found, snapshot.looks()

        if question.as_of is None:
            stand, found, looks = await store.run(read)
        else:
            async with self._replays:
                stand, found, looks = await store.run(read)
        await self._note(caller, looks)
        if not reading.many:
            if found is None:
                raise Problem(404, "there is no such thing here")
            return as_json(stand_as(Detail, stand, item=found))
        return await self._page(reading, question, stand, found, bound)

    async def _note(self, caller: Caller, looks: Looks) -> None:
        for means, persons in looks.at.items():
            await self.access.seen(caller.store, caller.reader, persons, means, looks.known)

    async def _asked(
        self,
        request: Request[Any, Any, Any],
        reading: Reading,
        fields: Mapping[str, Field],
        store: InsightStore,
        now: datetime,
    ) -> tuple[Asked, str, cursor.Place | None]:
        """Read a request's parameters; gives what cursors are bound to and where the page begins, too."""
        given = asked(request, fields, reading.sorts, usual=reading.usual, now=now, base_path=self._base_path)
        bound = f"{store.name} {given.path} {given.query()}"
        place = None if given.cursor is None else await cursor.place(self._seal, given.cursor, bound)
        return given, bound, place

    async def _page(self, reading: Reading, question: Asked, stand: Stand, found: Found, bound: str) -> Response[bytes]:
        following = None
        if found.after is not None:
            token = await cursor.token(self._seal, cursor.Place(found.after, stand.as_of), bound)
            following = question.next(token)
        if question.format == "csv":
            lines = [line for item in found.items for line in (reading.lines(item) if reading.lines else [item])]
            text = csv.write(reading.line or reading.item, lines)
            return as_csv(text, csv.MEDIA_TYPE, stand, reading.name, following)
        return as_json(stand_as(Page, stand, items=list(found.items), next=following), following)

    async def _wait(self, store: InsightStore, reading: Reading, position: int) -> None:
        deadline = time.monotonic() + WAIT
        while True:
            notice = self.notices.next(store.schema)
            lacking = await store.run(lambda rows: missing(rows, reading.projections, position))
            if lacking is None:
                return
            left = deadline - time.monotonic()
            if left <= 0:
                headers = {"Retry-After": str(RETRY_AFTER)}
                raise Problem(503, lacking.reason, headers=headers, members={"position": lacking.reached})
            await heard(notice, min(left, LOOK_AGAIN))
