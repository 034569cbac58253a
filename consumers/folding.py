"""Folds any number of acts from nothing, in memory as far as that goes."""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final, Generic, TypeVar
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from consumers.remembered import Remembered
from projections.projection import Projection
from projections.replay import Broken, Meant, fold
from projections.replay.tables import Tables

S = TypeVar("S")
_BYTES_AN_ACT: Final = 60
"""By which a state's MessagePack is thought to grow with each act, until it is written."""


class Folding(Generic[S]):
    """The states of persons while their acts come in. Those that are too many to remember go into their table."""

    def __init__(
        self,
        cursor: Cursor[TupleRow],
        projection: Projection[S],
        remembered_bytes: int,
        only: Collection[UUID] | None = None,
    ) -> None:
        """``only`` restricts to some persons, whose states in the table don't count; for all, it must be empty."""
        self._cursor = cursor
        self._projection = projection
        self._tables = Tables(projection)
        self._remembered: Remembered[S] = Remembered(remembered_bytes)
        self._only = only
        self._spilled = False
        self.broken: dict[UUID, Broken] = {}
        """Whose fold breaks: they have no state."""
        self.acts: Counter[UUID] = Counter()
        """How many acts were folded of each person."""

    def take(self, acts: Iterable[Meant]) -> None:
        """Fold the next acts, in the order of the log."""
        acts = list(acts)
        only, broken = self._only, self.broken
        touches = Counter(
            person
            for one in acts
            for person in one.touched
            if person not in broken and (only is None or person in only)
        )
        self.acts.update(touches)
        before = self._remembered.among(touches)
        sizes = {person: self._remembered.size(person) for person in before}
        if self._spilled:
            loaded = self._tables.states(self._cursor, [person for person in touches if person not in before])
            before |= {person: state for person, (state, _) in loaded.items()}
            sizes |= {person: size for person, (_, size) in loaded.items()}
        folded = fold(self._projection, before, acts, only=touches)
        for person, state in folded.states.items():
            self._remembered.put(person, state, sizes.get(person, 0) + touches[person] * _BYTES_AN_ACT)
        self.broken |= folded.broken
        self._remembered.forget(folded.broken)
        if surplus := self._remembered.surplus():
            if not self._spilled and only is not None:
                self._tables.remove(self._cursor, only)
            self._tables.replace_states(self._cursor, surplus)
            self._spilled = True

    def states(self, persons: Collection[UUID]) -> dict[UUID, S]:
        """Give the states of these persons, as far as they have any."""
        found = self._remembered.among(persons)
        if self._spilled:
            missing = [person for person in persons if person not in found and person not in self.broken]
            found |= {person: state for person, (state, _) in self._tables.states(self._cursor, missing).items()}
        return found

    def write(self) -> None:
        """Write all states into their table."""
        self._tables.replace_states(self._cursor, self._remembered.everything())
        self._tables.remove(self._cursor, self.broken.keys())
