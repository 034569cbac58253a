"""Requests that came in together take each step of being stored in a row."""

import asyncio
from typing import Final

_TURN_BYTES: Final = 32_768
"""Once so much is being worked on in a turn of the event loop, the rest waits for the next."""


class Steps:
    """Sets the pace of the requests of one event loop.

    The code of a step is in the processor's caches for all requests but the first: an eighth of the time of a small
    request. Large ones gain nothing by that, and many in one turn would keep the append that is under way waiting for
    the loop, and with it all that waits for that append.
    """

    def __init__(self) -> None:
        self._taken = 0

    async def step(self, size: int) -> None:
        """Wait for one's turn to take the next step, with a body of this many bytes."""
        await asyncio.sleep(0)
        while self._taken >= _TURN_BYTES:  # noqa: ASYNC110 - an event would let all who wait go on in one turn
            await asyncio.sleep(0)
        if not self._taken:
            asyncio.get_running_loop().call_soon(self._end_turn)
        self._taken += size

    def _end_turn(self) -> None:
        self._taken = 0
