"""How every read is answered: who asks, as of when, up to where, in which format."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from litestar import Request, Response
from msgspec import Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.access import AccessRecord
from lrs.documentation import Field
from lrs.insights import csv, cursor, moment, past
from lrs.insights.answer import Detail, Lag, Page, Stand, as_csv, as_json, stand_as
from lrs.insights.asking import FORMAT, LARGEST_PAGE, MOMENT, PAGE, Asked, asked, said, sorting
from lrs.insights.caller import Caller, Door
from lrs.insights.notices import LOOK_AGAIN, Notices, heard
from lrs.insights.question import Question, day_of, policy_of
from lrs.insights.sight import Sight, sight_of
from lrs.insights.store import InsightStore, InsightStores
from lrs.log.messages import CONFIGURATION_TOPICS
from lrs.problem import Problem
from lrs.sign_in import Seal
from schemas.event import STATEMENT_RECORDED

T = TypeVar("T")
_queries = sql.load(__package__)
TOPICS: Final = [STATEMENT_RECORDED, *CONFIGURATION_TOPICS]
WAIT: Final = 10.0
"""Seconds that ``wait_for`` waits."""
_REPLAYS: Final = 2
"""Questions about earlier moments that are answered at a time: each folds the log."""


class Found(NamedTuple):
    """A page of a list; ``after`` is its last row's place in the order, None if there is no next page."""

    items: Sequence[Any]
    after: tuple[Any, ...] | None = None


def sliced(question: Question, items: Sequence[Any]) -> Found:
    """Give a page of a list that was read as a whole."""
    begin = question.after[0] if question.after else 0
    end = begin + question.asked.limit
    return Found(items[begin:end], (end,) if end < len(items) else None)


class Reading(Struct, frozen=True, kw_only=True):
    """Something that can be asked for."""

    name: str
    path: str
    summary: str
    description: str
    item: type[Struct]
    """What the answer holds, once or in a list."""
    read: Callable[[Question], Found] | Callable[[Question], Any]
    """Gives a page of a list, or one item (None: there is none)."""
    many: bool = True
    about: Literal["persons", "figures", "teams"] = "persons"
    """Figures are of groups."""
    projections: tuple[str, ...] = ()
    """Whose tables it is read from; none: what is written with the log itself."""
    fields: Mapping[str, Field] = {}
    sorts: Mapping[str, str] = {}
    """Orders of a list and what they are by."""
    usual: str = ""
    """The order if none is asked for, with a minus in front if the largest come first."""
    line: type[Struct] | None = None
    """A line of CSV, if it isn't an item."""
    lines: Callable[[Any], Iterable[Struct]] | None = None
    example: Mapping[str, Any] | None = None
    """An item, for the description of the API."""

    def parameters(self) -> dict[str, Field]:
        """Give all query parameters it takes."""
        common = {**PAGE, **FORMAT, **MOMENT} if self.many else MOMENT
        return {**self.fields, **sorting(self.sorts, self.usual), **common}

    def admit(self, caller: Caller) -> None:
        """Refuse who may not ask this at all. Raises a Problem 403."""
        if self.about == "figures" and not caller.sees_figures:
            raise Problem(403, "figures of groups are for managers, L&D, auditors and administrators")
        if self.about == "persons" and not caller.sees_persons:
            raise Problem(403, "this is about persons: the credential needs the scope insights/read/people")


class Snapshot:
    """One snapshot of a store, in which reads for one caller are answered: they all agree with each other."""

    def __init__(
        self, rows: Cursor[TupleRow], store: InsightStore, caller: Caller, when: moment.Moment, today: datetime
    ) -> None:
        """Look at the store as of a moment; ``today`` decides who may see whom."""
        self.rows = rows
        self.store = store
        self.caller = caller
        self.moment = when
        self.policy = policy_of(rows)
        self._today = today
        self._sights: dict[bool, Sight] = {}
        self._given: dict[str, set[UUID]] = {}
        if when.position is not None:
            # Temporary tables in front of today's, which say who may see whom: those come first.
            self._sights = {figures: self._look_around(figures=figures) for figures in (False, True)}
            past.organisation(rows, store, when.position)

    def sight(self, *, figures: bool = False) -> Sight:
        """Give whom the caller sees today; with ``figures``, whom figures of groups that they see are about."""
        if figures not in self._sights:
            self._sights[figures] = self._look_around(figures=figures)
        return self._sights[figures]

    def question(
        self,
        reading: Reading,
        asked: Asked | None = None,
        path: Mapping[str, Any] | None = None,
        after: tuple[Any, ...] | None = None,
    ) -> Question:
        """Put a question of this caller. Raises a Problem 403 if they may not ask it at all."""
        reading.admit(self.caller)
        sight = self.sight(figures=reading.about != "persons")
        asked = asked or said(reading.path, {}, reading.usual)
        return Question(
            self.rows,
            self.store,
            self.caller,
            asked,
            self.moment,
            sight,
            self.policy,
            dict(path or {}),
            after,
            self._given.setdefault(reading.name, set()),
        )

    def answer(
        self, reading: Reading, asked: Asked, path: Mapping[str, Any], after: tuple[Any, ...] | None
    ) -> tuple[Stand, Any]:
        """Answer a read, and say as of when. Raises a Problem."""
        stand = _stand(self.rows, reading.projections, self.moment, self._today)
        return stand, reading.read(self.question(reading, asked, path, after))

    def item(self, reading: Reading, **path: Any) -> Any:
        """Give one thing; None if there is no such thing. Raises a Problem."""
        return reading.read(self.question(reading, None, path))

    def items(self, reading: Reading, *, sort: str = "", limit: int = LARGEST_PAGE, **given: Any) -> Sequence[Any]:
        """Give the first of a list with these filters. Raises a Problem."""
        texts = {name: str(value) for name, value in given.items()}
        page: Found = reading.read(self.question(reading, said(reading.path, texts, sort or reading.usual, limit)))
        return page.items

    def looked_at(self) -> dict[str, set[UUID]]:
        """Give whose data the reads so far gave, the caller's own aside, by the names of the reads."""
        # Whoever runs the server isn't the person with whose eyes they look.
        own = frozenset() if self.caller.by_link else self.sight().mine
        found = {name: given - own for name, given in self._given.items() if given}
        return {name: others for name, others in found.items() if others}

    def _look_around(self, *, figures: bool) -> Sight:
        return sight_of(self.rows, self.store, self.caller, day_of(self.policy, self._today), figures=figures)


class Insights:
    """Answers reads. For one event loop; ``close`` it when done."""

    def __init__(
        self,
        stores: InsightStores,
        door: Door,
        seal: Seal,
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

        def read(rows: Cursor[TupleRow]) -> tuple[T, dict[str, set[UUID]]]:
            snapshot = Snapshot(rows, store, caller, moment.Moment(now, None), now)
            return view(snapshot), snapshot.looked_at()

        made, looked_at = await store.run(read)
        await self._note(caller, looked_at)
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

        def read(rows: Cursor[TupleRow]) -> tuple[T, Found, dict[str, set[UUID]]]:
            snapshot = Snapshot(rows, store, caller, when, now)
            _, found = snapshot.answer(reading, given, request.path_params, place.after if place else None)
            return view(snapshot, found), found, snapshot.looked_at()

        made, found, looked_at = await store.run(read)
        await self._note(caller, looked_at)
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

        def read(rows: Cursor[TupleRow]) -> tuple[Stand, Any, dict[str, set[UUID]]]:
            when = moment.resolve(rows, store, question.as_of, place.now if place else now)
            snapshot = Snapshot(rows, store, caller, when, now)
            stand, found = snapshot.answer(reading, question, request.path_params, place.after if place else None)
            return stand, found, snapshot.looked_at()

        if question.as_of is None:
            stand, found, looked_at = await store.run(read)
        else:
            async with self._replays:
                stand, found, looked_at = await store.run(read)
        await self._note(caller, looked_at)
        if not reading.many:
            if found is None:
                raise Problem(404, "there is no such thing here")
            return as_json(stand_as(Detail, stand, item=found))
        return await self._page(reading, question, stand, found, bound)

    async def _note(self, caller: Caller, looked_at: Mapping[str, set[UUID]]) -> None:
        for means, persons in looked_at.items():
            await self.access.seen(caller.store, caller.reader, persons, means)

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
            missing = await store.run(lambda rows: _missing(rows, reading.projections, position))
            if missing is None:
                return
            left = deadline - time.monotonic()
            if left <= 0:
                raise Problem(503, missing.reason, headers={"Retry-After": "2"}, members={"position": missing.reached})
            await heard(notice, min(left, LOOK_AGAIN))


def _least(rows: Cursor[TupleRow], projections: Iterable[str]) -> tuple[int, int]:
    """Give the position, and the policy and vocabulary by their position, that all these projections have."""
    stands = {name: (position, meaning) for name, position, _, meaning, *_ in rows.execute(_queries.projected)}
    positions, meanings = zip(*(stands.get(name, (0, 0)) for name in projections), strict=True)
    return min(positions), min(meanings)


def lag(rows: Cursor[TupleRow], store_head: int, position: int, meaning: int, now: datetime) -> Lag:
    """Give how far a position is behind the log, and whether policy or vocabulary changed up to there."""
    changed = rows.execute(_queries.last_meaning, {"up_to": position}).fetchone()
    earlier_policy = changed is not None and changed[0] > meaning
    waiting = rows.execute(_queries.waiting, {"position": position, "topics": TOPICS}).fetchone()
    if waiting is None:
        return Lag(0, 0.0, earlier_policy)
    return Lag(store_head - position, max(0.0, (now - waiting[1]).total_seconds()), earlier_policy)


def _stand(rows: Cursor[TupleRow], projections: tuple[str, ...], when: moment.Moment, now: datetime) -> Stand:
    if when.position is not None:
        return Stand(when.position, when.now, Lag(0, 0.0))
    head = int(sql.one(rows.execute(_queries.head))[0])
    if not projections:
        return Stand(head, when.now, Lag(0, 0.0))
    position, meaning = _least(rows, projections)
    return Stand(position, when.now, lag(rows, head, position, meaning, now))


class _Missing(NamedTuple):
    """Why an answer has to wait."""

    reached: int
    reason: str


def _missing(rows: Cursor[TupleRow], projections: tuple[str, ...], position: int) -> _Missing | None:
    """Give what these projections lack of what is at a position or before. Raises a Problem 400.

    A change of policy or vocabulary is taken in once the tables are made anew by it. That may take long, so only who
    waits for that very change waits for it.
    """
    head = int(sql.one(rows.execute(_queries.head))[0])
    if position > head:
        raise Problem(400, f"wait_for is {position}: the log ends at position {head}")
    if not projections:
        return None
    reached, meaning = _least(rows, projections)
    waiting = rows.execute(_queries.waiting, {"position": reached, "topics": TOPICS}).fetchone()
    if waiting is not None and waiting[0] <= position:
        holds = f"the answer holds everything up to position {reached}, and not yet up to {position}: ask again"
        return _Missing(reached, holds)
    changed = rows.execute(_queries.last_meaning, {"up_to": position}).fetchone()
    if changed == (position,) and meaning < position:
        return _Missing(reached, f"the answer isn't by the policy or vocabulary of position {position} yet: ask again")
    return None
