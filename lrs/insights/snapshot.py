"""A store as of one moment, in which reads are answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.access import known
from lrs.insights import moment, past
from lrs.insights.answer import Stand
from lrs.insights.asking import LARGEST_PAGE, Asked, said
from lrs.insights.caller import Caller
from lrs.insights.looks import Looks
from lrs.insights.question import Question, day_of, policy_of
from lrs.insights.reading import Found, Reading
from lrs.insights.sight import Sight, sight_of
from lrs.insights.standing import stand
from lrs.insights.store import InsightStore


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
        as_of = stand(self.rows, reading.projections, self.moment, self._today)
        return as_of, reading.read(self.question(reading, asked, path, after))

    def item(self, reading: Reading, **path: Any) -> Any:
        """Give one thing; None if there is no such thing. Raises a Problem."""
        return reading.read(self.question(reading, None, path))

    def items(self, reading: Reading, *, sort: str = "", limit: int = LARGEST_PAGE, **given: Any) -> Sequence[Any]:
        """Give the first of a list with these filters. Raises a Problem."""
        texts = {name: str(value) for name, value in given.items()}
        page: Found = reading.read(self.question(reading, said(reading.path, texts, sort or reading.usual, limit)))
        return page.items

    def looks(self) -> Looks:
        """Give whose data the reads so far gave, the caller's own aside, and how the caller is known."""
        # Whoever runs the server isn't the person with whose eyes they look.
        own = frozenset() if self.caller.by_link else self.sight().mine
        found = {name: given - own for name, given in self._given.items() if given}
        others = {name: persons for name, persons in found.items() if persons}
        return Looks(others, known(self.rows, self.store.keyring, self.caller.reader) if others else None)

    def _look_around(self, *, figures: bool) -> Sight:
        return sight_of(self.rows, self.store, self.caller, day_of(self.policy, self._today), figures=figures)
