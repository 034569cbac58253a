"""The configuration logs of this deployment's stores, opened as they are asked for."""

import asyncio

from lrs.configuration.configuration_log import ConfigurationLog
from lrs.log.opened import Opened
from lrs.seal import MasterKey


class Configurations:
    """Opens each store's once per process."""

    def __init__(self, url: str, master: MasterKey) -> None:
        self._opened = Opened(lambda store: ConfigurationLog(url, store, master))

    async def get(self, store: str) -> ConfigurationLog:
        """Give a store's. Raises NotFound, Unavailable."""
        return await self._opened.get(store)

    async def close(self) -> None:
        """Disconnect."""
        for log in self._opened.take_all():
            await asyncio.to_thread(log.close)
