"""The pure part: what a batch changes, folded batch by batch, gives what a fold of everything gives."""

import random
from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.meaning import glance
from projections.replay import Broken, Configuration, effective, fold, meant_of, read_batch, refolded, rows_of
from schemas.message import Message
from tests.consumers.counting import PROJECTION, Counted
from tests.consumers.history import NAMES, Event, expected, histories, messages_of

LEARNERS = {name: UUID(int=number) for number, name in enumerate(NAMES, start=1)}


class MemoryLog:
    """The log up to a position, in memory."""

    def __init__(self, messages: list[Message], up_to: int) -> None:
        self._statements = {one.id: one for one in messages if one.kind == "statement" and one.position <= up_to}

    def of(self, ids: Collection[UUID]) -> list[Message]:
        return [self._statements[id_] for id_ in ids if id_ in self._statements]

    def referrers(self, ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
        found: dict[UUID, list[UUID]] = {}
        for one in self._statements.values():
            for aim in set(glance(one).refers) & set(ids):
                found.setdefault(aim, []).append(one.id)
        return found

    def touching(self, learners: Collection[UUID]) -> Iterator[list[Message]]:
        own = {id_ for id_, one in self._statements.items() if {one.learner, *one.people} & set(learners)}
        found = own | self._pointing_at(own)
        ordered = sorted((self._statements[id_] for id_ in found), key=lambda one: one.position)
        for start in range(0, len(ordered), 2):
            yield ordered[start : start + 2]

    def voiding(self, ids: Collection[UUID]) -> list[Message]:
        return [one for one in self._statements.values() if glance(one).voids in ids]

    def _pointing_at(self, ids: set[UUID]) -> set[UUID]:
        return {id_ for referrers in self.referrers(ids).values() for id_ in referrers}


class MemoryTables:
    """States, kept current batch by batch as a runner does."""

    def __init__(self, messages: list[Message]) -> None:
        self._messages = messages
        self._states: dict[UUID, Counted] = {}
        self._broken: set[UUID] = set()
        self.configuration = Configuration.shipped()

    def take(self, batch: list[Message]) -> None:
        log = MemoryLog(self._messages, batch[-1].position)
        read = read_batch(batch, log, self.configuration)
        self.configuration = read.configuration
        whole = {person for one in read.acts for person in one.touched} - read.refold - self._broken
        self._keep(whole, fold(PROJECTION, self._states, read.acts, only=whole))
        acts = [one for page in refolded(read.refold, log, read.configuration) for one in page]
        self._keep(read.refold, fold(PROJECTION, {}, acts, only=read.refold))

    def _keep(self, persons: set[UUID], folded: Any) -> None:
        for person in persons:
            self._states.pop(person, None)
        self._states |= folded.states
        self._broken = (self._broken - persons) | folded.broken.keys()

    def rows(self, configuration: Configuration | None = None) -> list[tuple[Any, ...]]:
        return rows(self._states, configuration or self.configuration)


def rows(states: dict[UUID, Counted], configuration: Configuration) -> list[tuple[Any, ...]]:
    made = [rows_of(PROJECTION, state, person, configuration) for person, state in states.items()]
    return sorted(row for one in made if not isinstance(one, Broken) for row in one["counting_acts"])


@settings(max_examples=400)
@given(events=histories, chance=st.randoms(use_true_random=False))
def test_folding_in_batches_gives_what_folding_at_once_gives(events: list[Event], chance: random.Random) -> None:
    messages = messages_of(events, LEARNERS)
    tables = MemoryTables(messages)
    reached = 0
    while reached < len(messages):
        size = chance.randrange(1, 6)
        tables.take(messages[reached : reached + size])
        reached += size
        before = messages[:reached]
        organisation = [one for one in before if one.kind == "organisation"]
        acts = effective(before, Configuration.shipped().after(organisation))
        assert tables.rows() == rows(fold(PROJECTION, {}, acts).states, tables.configuration)
    # As a rebuild does it: in batches that know how the log goes on, under the newest meaning.
    configuration = Configuration.shipped().after(messages)
    log = MemoryLog(messages, len(messages))
    acts = [
        one for start in range(0, len(messages), 3) for one in meant_of(messages[start : start + 3], log, configuration)
    ]
    assert rows(fold(PROJECTION, {}, acts).states, configuration) == expected(events, LEARNERS)
