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
            async with self._opening[name].turn():
                store = self._open.get(name)
                if store is None:
                    store = self._open[name] = await asyncio.to_thread(self._connect, name)
        return store

    async def close(self) -> None:
        """Close every open store: what waits is still appended."""
        await asyncio.gather(*(store.close() for store in self._open.values()))
        self._open.clear()

    def _connect(self, name: str) -> Store:
        try:
            return Store(self._url, name, self._master)
        except AWAY as error:
            raise Unavailable("the database is not answering") from error
