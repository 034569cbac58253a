"""The stores of this deployment, opened as they are asked for."""

import asyncio

from lrs.log.datastore import AWAY
from lrs.log.opened import Opened
from lrs.log.work import Unavailable
from lrs.seal import MasterKey
from lrs.store.store import Store


class Stores:
    """Opens each store once per process."""

    def __init__(self, url: str, master: MasterKey) -> None:
        self._url = url
        self._master = master
        self._opened = Opened(self._connect)

    async def get(self, name: str) -> Store:
        """Give a store. Raises Unavailable if the database is away."""
        return await self._opened.get(name)

    async def close(self) -> None:
        """Close every open store: what waits is still appended."""
        await asyncio.gather(*(store.close() for store in self._opened.take_all()))

    def _connect(self, name: str) -> Store:
        try:
            return Store(self._url, name, self._master)
        except AWAY as error:
            raise Unavailable("the database is not answering") from error
