"""The configuration logs of this deployment's stores, opened as they are asked for."""

from threading import Lock

from lrs.configuration.configuration_log import ConfigurationLog
from lrs.seal import MasterKey


class Configurations:
    """Opens each store's once per process. Safe to use from several threads."""

    def __init__(self, url: str, master: MasterKey) -> None:
        self._url = url
        self._master = master
        self._lock = Lock()
        self._open: dict[str, ConfigurationLog] = {}

    def get(self, store: str) -> ConfigurationLog:
        """Give a store's; blocks. Raises NotFound, Unavailable."""
        with self._lock:
            log = self._open.get(store)
            if log is None:
                log = self._open[store] = ConfigurationLog(self._url, store, self._master)
            return log

    def close(self) -> None:
        """Disconnect; blocks."""
        with self._lock:
            for log in self._open.values():
                log.close()
            self._open.clear()
