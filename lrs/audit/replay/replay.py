"""Goes through the log for one person: each event that is theirs, in order, and what it did."""

import heapq
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.audit.bounds import Bounds, bounds
from lrs.audit.replay.event import Event, Under, erasure, event_of
from lrs.audit.whose import Whose, whose
from lrs.errors import Malformed
from lrs.log.messages import MessageLog
from lrs.log.pointing import pointed_at
from projections.replay.read import NAMES, History, history
from schemas.message import Message


class Span(NamedTuple):
    """What of a history is asked for, as people write it: positions of the log or times; None: all there is."""

    since: str | None = None
    until: str | None = None
    projection: str | None = None


class Replay:
    """One person's history, read on one cursor in one snapshot of the database."""

    def __init__(self, cursor: Cursor[TupleRow], log: MessageLog, learner: str, span: Span) -> None:
        """Find out whose history it is. Raises Malformed, NotFound."""
        if span.projection is not None and span.projection not in NAMES:
            raise Malformed(f"there is no projection {span.projection[:100]!r}: there are {', '.join(NAMES)}")
        self.names: Collection[str] = NAMES if span.projection is None else (span.projection,)
        self.store = log.store
        self._cursor = cursor
        self._log = log
        self.bounds: Bounds = bounds(cursor, log, span.since, span.until)
        self._configuration: Sequence[Message] = log.configuration(cursor, self.bounds.last)
        self.whose: Whose = whose(cursor, log, learner, self._configuration)

    def events(self) -> Iterator[Event]:
        """Give the events, one after the other: memory doesn't grow with what is shown."""
        story = history(self.names, self.whose.person, self.whose.ids, self._statements)
        first = self.bounds.first
        forgotten = [one for one in self.whose.forgotten if one.position <= self.bounds.last]
        under = Under(0, 0, 0)
        for message in self._messages(story):
            while forgotten and forgotten[0].position < message.position:
                position, stored = forgotten.pop(0)
                if position >= first:
                    yield erasure(position, stored, under)
            step = story.take(message, shown=message.position >= first)
            under = Under(*story.under)
            if step is not None:
                yield event_of(step)
        yield from (erasure(position, stored, under) for position, stored in forgotten if position >= first)

    def _messages(self, story: History) -> Iterator[Message]:
        """Give all that can matter, in order; ``story`` is told of earlier statements that are pointed at."""
        statements = chain.from_iterable(self._statements(self.bounds.last))
        pointed: list[tuple[int, Message]] = []
        seen: set[UUID] = set()
        for message in heapq.merge(statements, self._configuration, key=lambda message: message.position):
            while pointed and pointed[0][0] < message.position:
                yield heapq.heappop(pointed)[1]
            if pointed and pointed[0][0] == message.position:
                heapq.heappop(pointed)
            seen.add(message.id)
            aims = [aim for aim in pointed_at(message) if aim not in seen] if message.kind == "statement" else []
            if aims:
                seen.update(aims)
                found = self._log.of(self._cursor, aims, self.bounds.last)
                story.know(one for one in found if one.position < message.position)
                for one in found:
                    if one.position > message.position:
                        heapq.heappush(pointed, (one.position, one))
            yield message
        while pointed:
            yield heapq.heappop(pointed)[1]

    def _statements(self, up_to: int) -> Iterator[list[Message]]:
        return self._log.history(self._cursor, self.whose.learners, up_to)
