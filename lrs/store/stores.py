"""The stores of this deployment, opened as they are asked for."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from lrs.log.datastore import AWAY
from lrs.log.turns import Turns
from lrs.log.work import Unavailable
from lrs.seal import MasterKey
from lrs.store.store import READERS, Store


class Stores:
    """Opens each store once per process."""

    def __init__(self, url: str, master: MasterKey) -> None:
        self._url = url
        self._master = master
        self._executor = ThreadPoolExecutor(READERS, thread_name_prefix="database")
        self._open: dict[str, Store] = {}
        self._opening = Turns(1)

    async def get(self, name: str) -> Store:
        """Give a store. Raises Unavailable if the database is away."""
        store = self._open.get(name)
        if store is None:
            async with self._opening.turn():
                store = self._open.get(name)
                if store is None:
                    store = self._open[name] = await asyncio.to_thread(self._connect, name)
        return store

    async def close(self) -> None:
        """Close every open store: what waits is still appended."""
        for store in self._open.values():
            await store.close()
        self._open.clear()
        self._executor.shutdown()

    def _connect(self, name: str) -> Store:
        try:
            return Store(self._url, name, self._master, self._executor)
        except AWAY as error:
            raise Unavailable("the database is not answering") from error
