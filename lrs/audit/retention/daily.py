"""Runs the retention of all stores once a day."""

import logging
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Final

import psycopg

from lrs import sql
from lrs.audit.retention.expiry import Busy, Expiry
from lrs.configuration import ConfigurationLog
from lrs.errors import Refused
from lrs.log.connect import connect
from lrs.log.work import Unavailable
from lrs.seal import MasterKey, WrongMasterKey

log = logging.getLogger(__name__)
BY: Final = "daily run"
"""Who did it, for the record."""
_queries = sql.load(__package__)
_DAY: Final = timedelta(days=1)
_TRY_AGAIN: Final = timedelta(minutes=5)
"""Until the next attempt when something was in the way."""


class Daily:
    """Runs at once and then a day after each run began. Of several, one works on a store at a time."""

    def __init__(self, url: str, master: MasterKey, stream_days: int) -> None:
        self._url = url
        self._master = master
        self._stream_days = stream_days
        self._stopping = Event()

    def stop(self) -> None:
        """Ask it to end after the batch under way."""
        self._stopping.set()

    def run(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Run until it is stopped, whatever is away meanwhile."""
        while not self._stopping.is_set():
            began = clock()
            pause = _DAY if self._all(began) else _TRY_AGAIN
            self._stopping.wait(max((began + pause - clock()).total_seconds(), 1.0))

    def _all(self, now: datetime) -> bool:
        """Run all stores; gives whether nothing was in the way."""
        try:
            with connect(self._url, "retention") as connection:
                stores = [store for (store,) in connection.execute(_queries.stores)]
        except psycopg.OperationalError:
            log.warning("the database does not answer")
            return False
        went_well = [self._one(store, now) for store in stores]
        return all(went_well)

    def _one(self, store: str, now: datetime) -> bool:
        try:
            with closing(ConfigurationLog(self._url, store, self._master)) as configuration:
                expiry = Expiry(configuration, self._stream_days)
                expired = expiry.run(now, by=BY, go_on=lambda _: not self._stopping.is_set())
        except Busy:
            return True
        except (Refused, Unavailable, WrongMasterKey) as error:
            log.warning("%s: %s", store, error)
            return False
        if expired.statements:
            log.warning("%s: %s statements were forgotten", store, f"{expired.statements:,}")
        return True
