"""Whatever happens, a replay shows at every event the rows that were there then, as far as they can still be read."""

import asyncio

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings

from lrs.audit.replay import Span, replay
from lrs.log import messages
from lrs.store import Stores
from projections.all import NAMES as NAMES_OF_PROJECTIONS
from projections.all import projection_named
from projections.replay import read
from tests.audit.replay.told import Row, replaying, rows_after, told
from tests.consumers.conftest import made_store
from tests.consumers.counting import PROJECTION
from tests.consumers.history import COMPLETED, NAMES, Erased, Event, Linked, Said, erasing, expected, tell
from tests.consumers.world import World
from tests.databases import NewDatabase
from tests.store.conftest import MASTER

_COLUMNS = PROJECTION.tables[0].columns


@pytest.fixture
def migrated_url(new_database: NewDatabase) -> str:
    """A database for the stores of many histories."""
    return new_database()


@pytest.fixture(autouse=True)
def _counting(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {"counting": PROJECTION, **{name: projection_named(name) for name in NAMES_OF_PROJECTIONS}}
    monkeypatch.setattr(read, "projection_named", named.__getitem__)
    monkeypatch.setattr(replay, "NAMES", ("counting",))
    monkeypatch.setattr(messages, "_PAGE", 2)


_DONE = Said(0, "ann", COMPLETED, "http://example.org/a", None, None, None)


@example(events=[_DONE, Linked("bea", ("ann",), "nl"), Linked("bea", (), "nl"), Erased("bea")])
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=erasing)
def test_a_replay_shows_the_rows_of_every_moment(migrated_url: str, events: list[Event]) -> None:
    asyncio.run(_play(migrated_url, events))


async def _play(url: str, events: list[Event]) -> None:
    stores = Stores(url, MASTER)
    world = World(url, await stores.get(made_store(url)))
    try:
        heads: list[int] = []  # an erasure may take two places of the log
        learners = await tell(world, events, lambda: heads.append(world.head()))
        erased = world.erased()
        for name in NAMES:
            if learners[-1][name] in erased:
                continue
            with replaying(world, learners[-1][name]) as replayed:
                ids = replayed.whose.ids
                shown = list(replayed.events())
            assert [one.position for one in shown] == sorted({one.position for one in shown})
            after = dict(rows_after(shown, "counting_acts"))
            rows: list[Row] = []
            for count, (position, before) in enumerate(zip(heads, [0, *heads], strict=False), start=1):
                for passed in range(before + 1, position + 1):
                    rows = after.get(passed, rows)
                then = [row for row in expected(events[:count], learners[:count], erased) if row[0] in ids]
                assert sorted(map(str, rows)) == sorted(
                    str(msgspec.to_builtins(dict(zip(_COLUMNS, row, strict=True)))) for row in then
                ), (name, position)
            # From the middle on, it says the same.
            middle = heads[-1] // 2 + 1
            assert told(world, learners[-1][name], Span(since=str(middle))) == [
                one for one in shown if one.position >= middle
            ]
    finally:
        world.close()
        await stores.close()
