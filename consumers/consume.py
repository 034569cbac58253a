"""Keeps projections of all stores current, until it is asked to stop."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from consumers.database import Connections, stores
from consumers.rebuilder import Rebuilder
from consumers.runner import Runner
from lrs.log.datastore import AWAY
from lrs.log.outage import Outage
from lrs.nats_connection import NatsConnection
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
        self._options = nats
        self._projections = projections
        self._rebuilder = Rebuilder()
        self._connections = Connections(url)
        self._outage = Outage(log)
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
        nats = NatsConnection(self._options, "vliegwiel consume", meanwhile="going on from the log")
        try:
            async with asyncio.TaskGroup() as group:
                while not self._stopping.is_set():
                    for store in await self._stores():
                        if store not in self._runners and not self._stopping.is_set():
                            self._runners[store] = [self._runner(store, one, nats) for one in self._projections]
                            for runner in self._runners[store]:
                                group.create_task(runner.run())
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._stopping.wait(), _LOOK_EVERY)
        finally:
            await nats.close()
            await asyncio.to_thread(self._connections.close)

    def _runner(self, store: str, projection: Projection[Any], nats: NatsConnection) -> Runner:
        return Runner(
            self._connections,
            store,
            self._master,
            projection,
            lambda: nats.client,
            self._rebuilder.rebuild,
            self._outage,
        )

    async def _stores(self) -> list[str]:
        try:
            found = await asyncio.to_thread(stores, self._url)
        except AWAY as error:
            self._outage.noticed(error)
            return []
        self._outage.over()
        return found
