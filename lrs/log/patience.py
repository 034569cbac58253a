"""How long what waits in an event loop waits."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Final
from weakref import WeakKeyDictionary

from greenlet import greenlet

_EVERY: Final = 1.0
"""Seconds between two looks."""


class Patience:
    """Who waits in a loop, and until when. All are looked at once a second: a timer for each wait costs too much."""

    def __init__(self) -> None:
        self._waiting: dict[greenlet, tuple[float, Callable[[], None]]] = {}
        self._looking = False

    def begin(self, loop: asyncio.AbstractEventLoop, who: greenlet, most: float, give_up: Callable[[], None]) -> None:
        """Note that somebody waits, and what ends that after ``most`` seconds, or up to one more."""
        self._waiting[who] = monotonic() + most, give_up
        if not self._looking:
            self._looking = True
            loop.call_later(_EVERY, self._look, loop)

    def end(self, who: greenlet) -> None:
        """Note that they don't any more."""
        del self._waiting[who]

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = monotonic()
        for give_up in [give_up for until, give_up in self._waiting.values() if until <= now]:
            give_up()
        self._looking = bool(self._waiting)
        if self._looking:
            loop.call_later(_EVERY, self._look, loop)


_patiences: WeakKeyDictionary[asyncio.AbstractEventLoop, Patience] = WeakKeyDictionary()


def patience_of(loop: asyncio.AbstractEventLoop) -> Patience:
    """Give the one that all who wait in a loop share."""
    patience = _patiences.get(loop)
    if patience is None:
        patience = _patiences[loop] = Patience()
    return patience
