"""What is connected to the database once per process, by name."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Generic, TypeVar

from lrs.log.turns import Turns

T = TypeVar("T")


class Opened(Generic[T]):
    """Opens each once, when it is first asked for."""

    def __init__(self, connect: Callable[[str], T]) -> None:
        """``connect`` opens one; it blocks, and may raise."""
        self._connect = connect
        self._open: dict[str, T] = {}
        self._opening: defaultdict[str, Turns] = defaultdict(lambda: Turns(1))

    async def get(self, name: str) -> T:
        """Give the one of that name; whoever asks while it is being opened waits. Raises what ``connect`` raises."""
        if name in self._open:
            return self._open[name]
        # It is opened to the end, whoever hangs up: else it would be open, and nobody's.
        return await self._opening[name].run(lambda: asyncio.ensure_future(self._opened(name)))

    def take_all(self) -> list[T]:
        """Give all that are open, to be closed: they are not known any longer."""
        opened = list(self._open.values())
        self._open.clear()
        return opened

    async def _opened(self, name: str) -> T:
        if name not in self._open:
            self._open[name] = await asyncio.to_thread(self._connect, name)
        return self._open[name]
