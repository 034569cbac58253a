"""When a connection is read from."""

import asyncio
from collections.abc import Sized

from uvicorn.protocols.http.flow_control import FlowControl


class Reading(FlowControl):
    """Reads nothing while requests wait for the one before them.

    uvicorn reads on when a request is answered or asks for its body, however many wait behind it: whoever sends
    without listening would fill the memory.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, waiting: Sized) -> None:
        super().__init__(transport)
        self._loop = loop
        self._waiting = waiting
        self._ended = False
        self.waiting_since = loop.time()
        """When reading began, later by the seconds that what arrived was worth; never in the future."""

    def came(self, seconds: float) -> None:
        """Wait so much longer: something arrived."""
        self.waiting_since = min(self._loop.time(), self.waiting_since + seconds)

    def resume_reading(self) -> None:
        """Read on, if nothing waits."""
        if self.read_paused and not self._waiting and not self._ended:
            self.waiting_since = self._loop.time()
            super().resume_reading()

    def end(self) -> None:
        """Read nothing any more."""
        self._ended = True
        self.pause_reading()

    def throw_away(self) -> None:
        """Read again what nobody wants."""
        if self.read_paused:
            super().resume_reading()
