"""Which statements target which, through StatementRefs: by what finds the one, the other is found."""

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice
from typing import Final, NamedTuple
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.index.entry import Entry
from lrs.index.terms import target, voids

_queries = sql.load(__package__)
LONGEST_CHAIN: Final = 100
"""StatementRefs, one behind the other, through which a statement is found by what finds the last one's target.

1.0.3 Communication 2.1.3 knows no limit; but each statement at the end of a chain has the terms of all of it.
"""


class _Way(NamedTuple):
    """How a statement gets to one that it targets, straight or through others."""

    steps: int
    passed: frozenset[int]
    """The positions of that one's own chain on the way (in a ring)."""


_HERE = _Way(0, frozenset())


class _Reference(NamedTuple):
    target: UUID
    position: int
    id: UUID
    voids: bool


class Targets:
    """Which statements target which, as far as the statements being indexed are concerned.

    A statement has at most one target, so targets form chains; a chain may close into a ring when a target arrives
    after the statements that target it.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        referring: Iterable[TupleRow],
        read_back: Callable[[Collection[UUID], int], Iterable[Entry]],
    ) -> None:
        """Begin with the rows of who targets the entries; ``read_back`` gives entries by ids, up to a position."""
        self._entries = entries
        self._older = [_Reference(*row) for row in referring]
        self._read_back = read_back
        self._new = [
            _Reference(UUID(aim), entry.position, entry.id, voids(entry.statement))
            for entry in entries
            if (aim := target(entry.statement)) is not None
        ]
        self._referrers: dict[UUID, set[_Reference]] = {}
        for reference in (*self._new, *self._older):
            self._referrers.setdefault(reference.target, set()).add(reference)
        self.any = bool(self._referrers)
        """Whether there are any at all; mostly there are none, and then nothing below is asked who is who."""
        self._by_id = {entry.id: entry for entry in entries} if self.any else {}
        self._being_indexed = frozenset(self._by_id)

    def load(self, cursor: Cursor[TupleRow]) -> None:
        """Look up the statements targeted, and those that target the targeting ones, and so on."""
        if wanted := {reference.target for reference in self._new} - self._by_id.keys():
            self._load_targets(cursor, wanted)
        self._load_referrers(cursor, self._older, seen=set(self._being_indexed))

    def _load_targets(self, cursor: Cursor[TupleRow], wanted: Collection[UUID]) -> None:
        # Of an older statement that is voided the whole chain, which begins one step further on.
        among = {"ids": sql.uuids(wanted), "steps": LONGEST_CHAIN}
        cursor.execute(_queries.walk)
        ids = {id_ for (id_,) in cursor.execute(_queries.targets, among)} - self._by_id.keys()
        self._by_id |= {entry.id: entry for entry in self._read_back(ids, self._entries[-1].position)}

    def _load_referrers(self, cursor: Cursor[TupleRow], found: Sequence[_Reference], seen: set[UUID]) -> None:
        """Load who targets those that target the new statements, and so on; of the last of them who voids them."""
        for _ in range(LONGEST_CHAIN):
            wanted = {reference.id for reference in found} - seen
            if not wanted:
                return
            seen |= wanted
            found = [_Reference(*row) for row in cursor.execute(_queries.referring, {"ids": sql.uuids(wanted)})]
            for reference in found:
                self._referrers.setdefault(reference.target, set()).add(reference)

    def chain(self, entry: Entry) -> list[Entry]:
        """Give the statement's target, that one's target and so on: LONGEST_CHAIN, or as many as are in the log."""
        steps: list[Entry] = []
        seen = {entry.id}
        aim = target(entry.statement)
        while aim is not None and len(steps) < LONGEST_CHAIN:
            step = self._by_id.get(UUID(aim))
            if step is None or step.id in seen:
                break
            steps.append(step)
            seen.add(step.id)
            aim = target(step.statement)
        return steps

    def inherited(self, entry: Entry) -> dict[tuple[int, int], list[bytes]]:
        """Give the terms that statements have through this one, by the position of who has them and of who they are of.

        Who targets this statement, straight or through others, is found by what finds this one, and by what finds the
        statements this one targets.
        """
        chain = self.chain(entry)
        sources = {one.position: one.features.terms for one in (entry, *chain)}
        referrers = self._referrers_of(entry, chain)
        receivers = referrers if self.is_voided(entry) else {entry.position: _HERE, **referrers}
        return {
            (position, source): terms
            for position, way in receivers.items()
            for source, terms in islice(sources.items(), LONGEST_CHAIN - way.steps + 1)
            if source != position and source not in way.passed
        }

    def _referrers_of(self, entry: Entry, chain: Iterable[Entry]) -> dict[int, _Way]:
        """Give the statements that target this one, in up to LONGEST_CHAIN steps, and are not voided.

        By position, each with its way here: by what finds those that it passes it is found already. Those being indexed
        now, and who targets these, are left out: they have this statement in their own chain, and a long chain in one
        batch would otherwise be gone through again for each of its members.
        """
        found: dict[int, _Way] = {}
        further_on = {step.position for step in chain}
        seen: set[UUID] = set()
        wanted: list[tuple[UUID, _Way]] = [(entry.id, _HERE)]
        while wanted:
            target_id, (steps, passed) = wanted.pop()
            for reference in self._referrers.get(target_id, ()) if steps < LONGEST_CHAIN else ():
                if reference.id not in seen and reference.id not in self._being_indexed:
                    seen.add(reference.id)
                    on_the_way = passed | {reference.position} if reference.position in further_on else passed
                    wanted.append((reference.id, _Way(steps + 1, on_the_way)))
                    if reference.voids or not self._is_target_of_voiding(reference.id):
                        found[reference.position] = _Way(steps + 1, passed)
        return found

    def is_voided(self, entry: Entry) -> bool:
        """Whether a statement voids this one; a voiding statement itself can't be voided."""
        return self.any and not voids(entry.statement) and self._is_target_of_voiding(entry.id)

    def _is_target_of_voiding(self, statement_id: UUID) -> bool:
        return any(ref.voids for ref in self._referrers.get(statement_id, ()))

    def voided_before(self) -> list[Entry]:
        """Give the earlier statements that the entries void."""
        aims = {reference.target for reference in self._new if reference.voids} - self._being_indexed
        return [entry for aim in aims if (entry := self._by_id.get(aim)) is not None and not voids(entry.statement)]

    def add_references(self, cursor: Cursor[TupleRow]) -> None:
        """Write down who targets whom."""
        if self._new:
            targets, positions, ids, voiding = zip(*self._new, strict=True)
            cursor.execute(
                _queries.add_refs,
                {"targets": list(targets), "positions": list(positions), "ids": list(ids), "voids": list(voiding)},
            )
