"""Tables as of a moment, for those who read them."""

from typing import Any

import pytest

from projections.replay import read
from schemas.organisation import OrganisationChange, Person
from tests.consumers.counting import PROJECTION
from tests.consumers.given import completed
from tests.consumers.world import World
from tests.store.given import person, voiding


@pytest.fixture(autouse=True)
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "projection_named", {"counting": PROJECTION}.__getitem__)


def as_of(world: World, position: int, *names: str) -> list[Any]:
    """Rows as of a position, of some learners or all, found under the name that live rows have."""
    learners = [world.learner(name) for name in names] or None
    with world.connection.transaction(), world.connection.cursor() as cursor:
        if learners is None:
            messages = world.log.after(cursor, 0, position, 10_000)
        else:
            messages = world.log.about(cursor, learners, position)
        read.as_of(cursor, "counting", messages, world.log.configuration(cursor, position), learners)
        return world.rows()


async def test_rows_as_of_each_position_are_those_that_live_had(world: World) -> None:
    live = world.live()
    gone = completed("bea", context={"instructor": person("ann")})
    history: list[list[Any]] = [[]]
    for one in (completed("ann"), gone, completed("ann"), voiding(gone), completed("bea")):
        await world.say(one)
        live.catch_up()
        history.append(world.rows())
    change = OrganisationChange(people=(Person(id=world.learner("ann"), locale="nl"),))
    await world.configure(change)
    live.catch_up()
    history.append(world.rows())
    for position, rows in enumerate(history):
        assert as_of(world, position) == rows
        assert as_of(world, position, "ann") == [row for row in rows if row[0] == world.learner("ann")]
    assert world.rows() == history[-1]
