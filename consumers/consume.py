"""Keeps projections of all stores current, until it is asked to stop."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from nats.aio.client import Client

from consumers.database import Connections, stores
from consumers.pull import LOST
from consumers.rebuilder import Rebuilder
from consumers.runner import Runner
from lrs.log.datastore import AWAY
from lrs.seal import MasterKey
from projections.projection import Projection

log = logging.getLogger(__name__)
_LOOK_EVERY: Final = 5.0
"""Seconds between two looks for new stores."""


class Consume:
    """Runs a ``Runner`` for each projection of each store, those that are made meanwhile included."""

    def __init__(
        self, url: str, master: MasterKey, nats: Mapping[str, Any], projections: Sequence[Projection[Any]]
    ) -> None:
        """``nats`` is what the client connects with."""
        self._url = url
        self._master = master
        self._nats = nats
        self._projections = projections
        self._rebuilder = Rebuilder()
        self._connections = Connections(url)
        self._client = Client()
        self._stopping = asyncio.Event()
        self._runners: dict[str, list[Runner]] = {}

    def stop(self) -> None:
        """Ask it to end when the batches under way are done."""
        self._stopping.set()
        for runners in self._runners.values():
            for runner in runners:
                runner.stop()

    async def run(self) -> None:
        """Run until it is asked to stop, whatever is away meanwhile."""
        connecting = asyncio.create_task(self._connect())
        try:
            async with asyncio.TaskGroup() as group:
                while not self._stopping.is_set():
                    for store in await self._stores():
                        if store not in self._runners and not self._stopping.is_set():
                            self._runners[store] = [self._runner(store, one) for one in self._projections]
                            for runner in self._runners[store]:
                                group.create_task(runner.run())
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._stopping.wait(), _LOOK_EVERY)
        finally:
            connecting.cancel()
            with suppress(asyncio.CancelledError, *LOST):
                await connecting
            with suppress(*LOST):
                await self._client.close()
            await asyncio.to_thread(self._connections.close)

    def _runner(self, store: str, projection: Projection[Any]) -> Runner:
        return Runner(self._connections, store, self._master, projection, self._client, self._rebuilder.rebuild)

    async def _stores(self) -> list[str]:
        try:
            return await asyncio.to_thread(stores, self._url)
        except AWAY as error:
            log.warning("the database is not answering: %s", " ".join(str(error).split()))
            return []

    async def _connect(self) -> None:
        """Connect to NATS, however long that takes; the client then reconnects by itself."""
        away = False

        async def lost(error: Exception | None = None) -> None:
            nonlocal away
            if not away and not self._client.is_closed:
                away = True
                log.warning("NATS is not answering%s: going on from the log", f" ({error})" if error else "")

        async def back() -> None:
            nonlocal away
            if away:
                away = False
                log.warning("NATS is back")

        await self._client.connect(
            **self._nats,
            name="vliegwiel consume",
            error_cb=lost,
            disconnected_cb=lost,
            reconnected_cb=back,
            connect_timeout=5,
            reconnect_time_wait=1,
            max_reconnect_attempts=-1,
            ping_interval=10,
        )
        await back()
