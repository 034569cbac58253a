"""A connection to NATS that is there again as soon as NATS is, for relay and consumers."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Any, Final

from nats.aio.client import Client
from nats.errors import Error as NatsError

log = logging.getLogger(__name__)
LOST: Final = (NatsError, OSError, RuntimeError)
"""What is raised when NATS or something in it is away; RuntimeError by uvloop, of a connection that broke."""
_TRY_AGAIN: Final = 1.0
"""Seconds before another client takes the place of one that gave up."""
_PATIENCE: Final = 5.0
"""Seconds that closing may take."""


class NatsConnection:
    """Connects, however long it takes; says in one line that NATS is away, and in another that it is back.

    The library's client connects again by itself when a connection breaks. But when the server says why it ends one (we
    may no longer come in, there are too many connections), that client gives up for good: another takes its place.
    """

    def __init__(self, options: Mapping[str, Any], name: str, *, meanwhile: str) -> None:
        """``options`` are what ``Client.connect`` takes; ``meanwhile`` says what is done while NATS is away.

        Connects in the running event loop; ``close`` it when done.
        """
        self.client = Client()
        """The client that was connected last: ask for it again after any of ``LOST``."""
        self.opened: Final = asyncio.Event()
        """Set once there was a connection."""
        self._options = {
            **options,
            "name": name,
            "error_cb": self._lost,
            "disconnected_cb": self._lost,
            "reconnected_cb": self._back,
            "connect_timeout": 5,
            "reconnect_time_wait": 1,
            "max_reconnect_attempts": -1,
            "ping_interval": 10,
        }
        self._meanwhile = meanwhile
        self._away = False
        self._ending = False
        self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Disconnect, though NATS may be away."""
        self._ending = True
        # Before Python 3.12 `wait_for`, which the client uses, may swallow a cancellation: so it is asked again.
        while not self._keeping.done():
            self._keeping.cancel()
            await asyncio.wait({self._keeping}, timeout=_PATIENCE)

    async def _keep(self) -> None:
        while True:
            client, closed = Client(), asyncio.Event()

            async def gave_up(closed: asyncio.Event = closed) -> None:
                closed.set()

            try:
                await client.connect(**self._options, closed_cb=gave_up)
                self.client = client
                self.opened.set()
                await self._back()
                await closed.wait()
            except LOST as error:
                await self._lost(error)
            finally:
                with contextlib.suppress(*LOST):
                    await client.close()
            await asyncio.sleep(_TRY_AGAIN)

    async def _lost(self, error: Exception | None = None) -> None:
        if not self._away and not self._ending:
            self._away = True
            log.warning("NATS does not answer%s; %s", f" ({error})" if error else "", self._meanwhile)

    async def _back(self) -> None:
        if self._away:
            self._away = False
            log.warning("NATS is back")
