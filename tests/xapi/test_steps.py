"""Who takes a step in which turn of the event loop."""

import asyncio

from lrs.xapi.steps import Steps


async def test_small_requests_take_a_step_in_one_turn() -> None:
    assert await _turns([1_000] * 8) == [0] * 8


async def test_a_large_request_takes_its_turn_alone() -> None:
    assert await _turns([40_000] * 4) == [0, 1, 2, 3]


async def test_what_came_before_a_large_request_goes_before_it() -> None:
    assert await _turns([1_000, 40_000, 1_000, 1_000]) == [0, 0, 1, 1]


async def test_a_turn_that_is_over_holds_up_nobody() -> None:
    steps = Steps()
    for _ in range(3):
        await asyncio.wait_for(steps.step(1 << 20), 10)


async def _turns(sizes: list[int]) -> list[int]:
    """Give in which turn, from the first, requests that come together take a step."""
    steps, turn = Steps(), 0
    taken: list[int] = []

    async def take(size: int) -> None:
        await steps.step(size)
        taken.append(turn)

    tasks = [asyncio.create_task(take(size)) for size in sizes]
    # A task that is there already when a turn ends is woken in the next: this one counts them.
    while not all(task.done() for task in tasks):
        await asyncio.sleep(0)
        turn += 1
    return [number - taken[0] for number in taken]
