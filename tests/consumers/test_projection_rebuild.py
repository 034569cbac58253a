"""Rebuilding and verifying projections, while they are in use."""

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from consumers.live import Live
from consumers.rebuild import BeingRebuilt, Rebuild
from schemas.policy import Policy
from tests.consumers.counting import POISON, PROJECTION
from tests.consumers.given import completed
from tests.consumers.streamed import until
from tests.consumers.world import World
from tests.store.conftest import MASTER
from tests.store.given import voiding


async def test_a_damaged_table_is_found_and_repaired(world: World) -> None:
    live = world.live()
    await world.say(completed("ann"), completed("bea"), completed("cas", {"id": POISON}))
    live.catch_up()
    ann = world.learner("ann")
    world.connection.execute("UPDATE counting_acts SET acts = 7 WHERE learner = %s", [ann])
    world.connection.execute("DELETE FROM counting_state WHERE learner = %s", [world.learner("bea")])
    world.connection.execute("DELETE FROM parked")
    found = {one.table: one for one in world.verify().differences}
    assert (found["counting_acts"].missing, found["counting_acts"].surplus) == (1, 1)
    assert (found["counting_state"].missing, found["counting_state"].surplus) == (1, 0)
    assert (found["parked"].missing, found["parked"].surplus) == (1, 0)
    assert f"- counting_acts: learner={ann} kind=completed acts=7" in " ".join(found["counting_acts"].examples)
    assert not world.rebuild().replace().equal
    assert world.verify().equal
    assert world.counts() == {"completed": 2}
    live.load()
    await world.say(completed("bea"))
    live.catch_up()
    assert world.verify().equal


async def test_a_projection_goes_on_while_it_is_rebuilt(world: World) -> None:
    live = world.live()
    await world.say(*(completed(f"p{number % 50}") for number in range(500)))
    live.catch_up()
    await world.configure(Policy(time_zone="Europe/Lisbon"))
    live.catch_up()
    rebuild = asyncio.create_task(asyncio.to_thread(world.rebuild(remembered_bytes=10_000).replace))
    sent = 500
    while not rebuild.done():
        one = completed(f"p{sent % 50}")
        await world.say(one, completed("ann"), voiding(one))
        sent += 1
        await asyncio.to_thread(catch_up, live)
        # Whoever reads sees the tables as they were or as they are, never halves.
        assert world.counts()["completed"] == sent
        assert len({row[5] for row in world.rows()}) == 1
    await rebuild
    await asyncio.to_thread(catch_up, live)
    assert world.verify().equal
    assert {row[5] for row in world.rows()} == {"Europe/Lisbon"}
    assert not live.means_otherwise


def catch_up(live: Live[Any]) -> None:
    """Catch up as a runner does: look again when overtaken."""
    from consumers.live import Overtaken

    try:
        live.look()
        live.catch_up()
    except Overtaken:
        live.load()
        live.catch_up()


async def test_a_rebuild_that_is_interrupted_changes_nothing(world: World) -> None:
    live = world.live()
    await world.say(completed("ann"))
    live.catch_up()
    before = live.place

    def interrupt(_reached: int, _target: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Rebuild(world.url, world.name, MASTER, PROJECTION, interrupt).replace()
    assert live.look() == 1
    assert live.place == before
    assert world.rebuild().replace().equal


async def test_only_one_rebuilds_at_a_time(world: World) -> None:
    world.live()
    await world.say(completed("ann"))
    refused: list[BeingRebuilt] = []

    def meanwhile(_reached: int, _target: int) -> None:
        with pytest.raises(BeingRebuilt) as error:
            world.rebuild().replace()
        refused.append(error.value)

    world.live().catch_up()
    Rebuild(world.url, world.name, MASTER, PROJECTION, meanwhile).replace()
    assert refused


async def test_everybody_can_see_how_far_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consumers.rebuild._PROGRESS_EVERY", 0)
    monkeypatch.setattr("consumers.rebuild.BATCH", 2)
    await world.say(*(completed("ann") for _ in range(6)))
    world.live().catch_up()
    seen: list[Any] = []
    query = "SELECT rebuilding, rebuild_target FROM projection_positions"
    Rebuild(world.url, world.name, MASTER, PROJECTION, lambda *_: seen.extend(world.rows(query))).replace()
    assert seen == [(None, None), (2, 6), (4, 6)]
    assert world.rows(query) == [(None, None)]


async def test_the_progress_of_a_rebuild_that_was_killed_is_forgotten(world: World) -> None:
    query = "SELECT rebuilding, rebuild_target FROM projection_positions"
    await world.say(completed("ann"))
    world.live().catch_up()

    def look(_reached: int, _target: int) -> None:
        world.connection.execute("UPDATE projection_positions SET rebuilding = 1, rebuild_target = 2")
        world.live()
        assert world.rows(query) == [(1, 2)]

    Rebuild(world.url, world.name, MASTER, PROJECTION, look).replace()
    world.connection.execute("UPDATE projection_positions SET rebuilding = 1, rebuild_target = 2")
    # Postgres may take a moment to let go of what the rebuild's connection held.
    await until(lambda: world.live() and world.rows(query) == [(None, None)], "the progress to be forgotten")


async def test_a_new_version_makes_everything_anew(world: World) -> None:
    world.live().catch_up()
    await world.say(completed("ann"))
    world.live().catch_up()
    newer = PROJECTION._replace(version=2, rows=_louder(PROJECTION.rows))
    live = Live(world.connected(), world.log, newer)
    live.load()
    assert live.outdated
    Rebuild(world.url, world.name, MASTER, newer, lambda *_: None).replace()
    live.load()
    assert not live.outdated
    assert world.counts() == {"COMPLETED": 1}
    older = world.live()
    assert older.from_the_future


def _louder(rows: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *known: {
        table: [(who, kind.upper(), *rest) for who, kind, *rest in found] for table, found in rows(*known).items()
    }


async def test_a_projection_of_a_log_with_a_short_past_begins_there(world: World) -> None:
    await world.say(completed("ann"))
    await world.configure(Policy(time_zone="Europe/Lisbon"))
    live = world.live()
    assert not live.outdated
    live.catch_up()
    assert not live.means_otherwise
    assert [row[5] for row in world.rows()] == ["Europe/Lisbon"]
    assert world.verify().equal


async def test_a_projection_of_a_log_with_a_long_past_has_to_be_rebuilt_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consumers.live.SHORT", 0)
    await world.say(completed("ann"))
    live = world.live()
    assert live.outdated
    assert world.rebuild().replace().place.position == 1
    live.load()
    assert not live.outdated
    assert world.verify().equal


async def test_trying_a_policy_shows_what_would_change_and_changes_nothing(world: World) -> None:
    live = world.live()
    await world.say(completed("ann"), completed("bea"))
    live.catch_up()
    before = world.rows()
    policy = Policy(time_zone="Europe/Lisbon")
    report = world.rebuild().try_out(lambda now: now._replace(policy=policy))
    changes = {one.table: (one.missing, one.surplus) for one in report.differences}
    assert changes == {"counting_state": (0, 0), "counting_acts": (2, 2), "parked": (0, 0)}
    assert any("Lisbon" in example for example in report.differences[1].examples)
    assert world.rows() == before
    assert world.verify().equal


async def test_a_rebuild_needs_no_right_but_the_apps_own(world: World) -> None:
    await world.say(completed("ann"))
    world.live()
    world.rebuild().replace()
    with psycopg.connect(world.url) as connection:
        owners = connection.execute(
            "SELECT DISTINCT tableowner = current_user FROM pg_tables WHERE schemaname = %s", [f"store_{world.name}"]
        ).fetchall()
    assert owners == [(True,)]
