"""Turns at the database."""

import asyncio

import pytest

from lrs.log.turns import Turns
from lrs.log.work import Unavailable


async def test_whoever_waits_while_the_database_is_found_away_hears_so_and_whoever_comes_later_tries() -> None:
    turns = Turns(2)
    away = asyncio.Event()
    began: list[str] = []

    async def use(name: str) -> None:
        async with turns.turn():
            began.append(name)
            await away.wait()
            if name != "fine":
                raise Unavailable("gone")

    using = [asyncio.create_task(use(name)) for name in ("fine", "first", "waiting", "waiting too")]
    await asyncio.sleep(0)
    away.set()
    outcomes = await asyncio.gather(*using, return_exceptions=True)
    assert outcomes[0] is None
    assert all(isinstance(outcome, Unavailable) for outcome in outcomes[1:])
    assert "waiting too" not in began
    with pytest.raises(Unavailable, match="gone"):
        await use("later")
    assert began[-1] == "later"


async def test_no_more_than_so_many_have_a_turn() -> None:
    turns = Turns(3)
    inside = 0
    most = 0

    async def use() -> None:
        nonlocal inside, most
        async with turns.turn():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(use() for _ in range(20)))
    assert most == 3
