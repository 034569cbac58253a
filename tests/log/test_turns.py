"""Turns at the database."""

import asyncio

import pytest

from lrs.log.turns import Turns
from lrs.log.work import Unavailable


async def test_whoever_waits_while_the_database_is_found_away_hears_so_and_whoever_comes_later_tries() -> None:
    turns = Turns(2)
    away = asyncio.Event()
    began: list[str] = []

    async def using(name: str) -> None:
        began.append(name)
        await away.wait()
        if name != "fine":
            raise Unavailable("gone")

    async def use(name: str) -> None:
        await turns.run(lambda: asyncio.ensure_future(using(name)))

    tasks = [asyncio.create_task(use(name)) for name in ("fine", "first", "waiting", "waiting too")]
    await asyncio.sleep(0)
    away.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert outcomes[0] is None
    assert all(isinstance(outcome, Unavailable) for outcome in outcomes[1:])
    assert "waiting too" not in began
    with pytest.raises(Unavailable, match="gone"):
        await use("later")
    assert began[-1] == "later"


async def test_no_more_than_so_many_have_a_turn_even_when_their_askers_hang_up() -> None:
    turns = Turns(3)
    underway: list[asyncio.Future[None]] = []

    def start() -> asyncio.Future[None]:
        underway.append(asyncio.get_running_loop().create_future())
        return underway[-1]

    asking = [asyncio.create_task(turns.run(start)) for _ in range(20)]
    await asyncio.sleep(0)
    for one in asking[:10]:
        one.cancel()
    await asyncio.gather(*asking[:10], return_exceptions=True)
    assert len(underway) == 3
    ended = 0
    while ended < len(underway):
        assert len(underway) - ended <= 3
        underway[ended].set_result(None)
        ended += 1
        for _ in range(5):
            await asyncio.sleep(0)
    # Of the ten that hung up, three had begun.
    assert ended == 3 + 10
    assert await asyncio.gather(*asking[10:]) == [None] * 10


async def test_a_turn_whose_start_fails_is_over() -> None:
    turns = Turns(1)

    def fail() -> asyncio.Future[None]:
        raise RuntimeError("closed")

    async def work() -> int:
        return 1

    with pytest.raises(RuntimeError):
        await turns.run(fail)
    assert await turns.run(lambda: asyncio.ensure_future(work())) == 1
