"""The stores of this deployment, opened as they are asked for."""

import asyncio
from collections import defaultdict

from lrs.log.datastore import AWAY
from lrs.log.turns import Turns
from lrs.log.work import Unavailable
from lrs.seal import MasterKey
from lrs.store.store import Store


class Stores:
    """Opens each store once per process."""

    def __init__(self, url: str, master: MasterKey) -> None:
        self._url = url
        self._master = master
        self._open: dict[str, Store] = {}
        self._opening: defaultdict[str, Turns] = defaultdict(lambda: Turns(1))

    async def get(self, name: str) -> Store:
        """Give a store. Raises Unavailable if the database is away."""
        store = self._open.get(name)
        if store is None:
            store = await self._opening[name].run(lambda: asyncio.ensure_future(self._opened(name)))
        return store

    async def close(self) -> None:
        """Close every open store: what waits is still appended."""
        await asyncio.gather(*(store.close() for store in self._open.values()))
        self._open.clear()

    async def _opened(self, name: str) -> Store:
        if name not in self._open:
            self._open[name] = await asyncio.to_thread(self._connect, name)
        return self._open[name]

    def _connect(self, name: str) -> Store:
        try:
            return Store(self._url, name, self._master)
        except AWAY as error:
            raise Unavailable("the database is not answering") from error
