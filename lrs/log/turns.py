"""Whose turn it is to use the database."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lrs.log.work import Unavailable


class Turns:
    """Lets so many use the database at a time. For one event loop."""

    def __init__(self, many: int) -> None:
        self._free = asyncio.Semaphore(many)
        self._found_away = -math.inf

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and hold it for as long as the block runs.

        Raises Unavailable if somebody's block did meanwhile: else they would find out one after the other, each in as
        long as it takes to give up, and the last in a long line would wait for minutes.
        """
        clock = asyncio.get_running_loop().time
        came = clock()
        async with self._free:
            if self._found_away > came:
                raise Unavailable("the database is not answering")
            try:
                yield
            except Unavailable:
                self._found_away = clock()
                raise
