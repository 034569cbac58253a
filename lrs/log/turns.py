"""Whose turn it is to use the database."""

import asyncio
import math
from collections.abc import Callable
from typing import TypeVar

from lrs.log.work import Unavailable

T = TypeVar("T")


class Turns:
    """Lets so many use the database at a time. For one event loop."""

    def __init__(self, many: int) -> None:
        self._free = asyncio.Semaphore(many)
        self._found_away = -math.inf

    async def run(self, start: Callable[[], asyncio.Future[T]]) -> T:
        """Wait for a turn, start something and wait for its outcome. The turn ends with it, not with who hung up.

        Raises Unavailable if somebody's turn did meanwhile: else they would find out one after the other, each in as
        long as it takes to give up, and the last in a long line would wait for minutes.
        """
        came = self._now()
        await self._free.acquire()
        if self._found_away > came:
            self._free.release()
            raise Unavailable("the database is not answering")
        try:
            future = start()
        except BaseException:
            self._free.release()
            raise
        future.add_done_callback(self._over)
        return await asyncio.shield(future)

    def _over(self, future: asyncio.Future[T]) -> None:
        self._free.release()
        if not future.cancelled() and isinstance(future.exception(), Unavailable):
            self._found_away = self._now()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
