"""Hears when projections have moved on: LISTEN on one connection for the whole process.

A notice only says "look again": one that is lost (the connection broke) delays whoever waits until they look anyway.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Final

import psycopg

from lrs.log.datastore import keepalive
from lrs.log.outage import Outage

_log = logging.getLogger(__name__)

CHANNEL: Final = "vliegwiel_projected"
"""Consumers notify it after each commit: ``<schema> <projection> <position>``."""
LOOK_AGAIN: Final = 1.0
"""Seconds after which who waits looks again without a notice."""
_RECONNECT: Final = 1.0


class Notices:
    """Wakes who waits for a store's projections. For one event loop; ``close`` it when done."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._outage = Outage(_log)
        self._waiting: dict[str, asyncio.Event] = {}
        self._listening: asyncio.Task[None] | None = None
        self.closing = asyncio.Event()
        """Set when the server stops: streams end then."""

    def stop(self) -> None:
        """End streams, so that a server that is asked to stop needn't wait for them."""
        self.closing.set()
        self._wake()

    async def close(self) -> None:
        """Stop listening and end what waits."""
        self.stop()
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening

    def next(self, schema: str) -> asyncio.Event:
        """Give what is set at the next notice; ask for it before looking, so that no notice falls between."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        return self._waiting.setdefault(schema, asyncio.Event())

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._url, autocommit=True, application_name="vliegwiel notices", **keepalive(self._url)
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._outage.over()
                    self._wake()
                    async for notice in connection.notifies():
                        self._wake(notice.payload.partition(" ")[0])
            except psycopg.Error as error:
                self._outage.noticed(error)
            await asyncio.sleep(_RECONNECT)

    def _wake(self, schema: str | None = None) -> None:
        for name in list(self._waiting) if schema is None else [schema]:
            if (event := self._waiting.pop(name, None)) is not None:
                event.set()


async def heard(event: asyncio.Event, seconds: float) -> bool:
    """Wait for a notice; gives whether there was one."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
