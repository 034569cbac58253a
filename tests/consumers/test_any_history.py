"""Live equals replay, and both equal what a naive reader makes of the whole history."""

import asyncio
import random

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from lrs.log import messages
from lrs.store import Stores
from schemas.message import Message
from tests.consumers.conftest import made_store
from tests.consumers.history import Erased, Event, erasing, expected, histories, tell
from tests.consumers.world import World
from tests.databases import NewDatabase
from tests.store.conftest import MASTER


@pytest.fixture
def migrated_url(new_database: NewDatabase) -> str:
    """A database for the stores of many histories."""
    return new_database()


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a short history takes more than a page to read again."""
    monkeypatch.setattr(messages, "_PAGE", 2)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=histories, chance=st.randoms(use_true_random=False))
def test_any_history_in_any_batches_gives_live_equals_replay(
    migrated_url: str, events: list[Event], chance: random.Random
) -> None:
    asyncio.run(_play(migrated_url, events, chance))


async def _play(url: str, events: list[Event], chance: random.Random) -> None:
    stores = Stores(url, MASTER)
    world = World(url, await stores.get(made_store(url)))
    try:
        live = world.live(remembered_bytes=chance.choice([0, 1_000, 1 << 20]))
        learners = await tell(world, events)
        published = world.messages()
        check = chance.randrange(len(published) + 1)
        reached = 0
        while reached < len(published):
            size = chance.randrange(1, 6)
            # Some come again, some are lost on the way, all are mixed.
            delivered = published[reached : reached + size] + chance.sample(published, min(2, len(published)))
            chance.shuffle(delivered)
            live.take(delivered)
            reached = live.place.position
            if chance.random() < 0.1:
                live.load()
            if live.means_otherwise and chance.random() < 0.5:
                world.rebuild(remembered_bytes=0).replace()
                live.load()
            if reached >= check:
                check = len(published)
                report = world.verify()
                assert report.equal, report
        if live.means_otherwise:
            world.rebuild().replace()
            live.load()
        report = world.verify()
        assert report.equal, report
        assert world.rows() == expected(events, learners)
    finally:
        world.close()
        await stores.close()


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=erasing, chance=st.randoms(use_true_random=False))
def test_any_history_with_erasures_gives_live_equals_replay(
    migrated_url: str, events: list[Event], chance: random.Random
) -> None:
    asyncio.run(_play_along(migrated_url, events, chance))


async def _play_along(url: str, events: list[Event], chance: random.Random) -> None:
    """Fold while it happens: the stream has what was readable when it was published, whoever was erased since."""
    stores = Stores(url, MASTER)
    world = World(url, await stores.get(made_store(url)))
    try:
        live = world.live(remembered_bytes=chance.choice([0, 1_000, 1 << 20]))
        published: dict[int, Message] = {}
        delivered = 0

        def told() -> None:
            nonlocal delivered
            for message in world.messages():
                published.setdefault(message.position, message)
            if chance.random() < 0.5:
                return
            waiting = [message for position, message in published.items() if position > delivered]
            if purged := [one for one in waiting if world.erased() & {one.learner, *one.people}]:
                # The relay takes some out in time, and some come after all.
                waiting = [one for one in waiting if one not in purged or chance.random() < 0.5]
            some = waiting[: chance.randrange(1, 6)] + chance.sample(list(published.values()), min(2, len(published)))
            chance.shuffle(some)
            live.take(some)
            delivered = live.place.position
            if chance.random() < 0.1:
                live.load()
            with world.connection.cursor() as cursor:
                last = world.log.last_erasure(cursor)
            if live.place.position >= last and chance.random() < 0.2:
                report = world.verify()
                assert report.equal, report

        learners = await tell(world, events, told)
        live.catch_up()
        report = world.verify()
        assert report.equal, report
        if live.means_otherwise:
            world.rebuild(remembered_bytes=0).replace()
            live.load()
        report = world.verify()
        assert report.equal, report
        assert world.rows() == expected(events, learners, world.erased())
    finally:
        world.close()
        await stores.close()


def test_histories_do_erase() -> None:
    # The first that does will do: to look for the shortest takes as long as everything else here.
    first = settings(phases=[Phase.generate])
    assert find(erasing, lambda events: any(isinstance(event, Erased) for event in events), settings=first)
