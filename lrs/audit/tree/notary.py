"""The notary: grows the trees of all stores and signs them, in the one process of a deployment that holds the lock."""

import logging
import time
from collections.abc import Sequence
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from lrs import sql
from lrs.audit.tree.memory import Memory
from lrs.audit.tree.origin import origin_of
from lrs.audit.tree.outlets import Outlets
from lrs.audit.tree.store_notary import Cosign, Overtaken, StoreNotary, Unsignable, by_nobody
from lrs.log.connect import connect
from lrs.log.datastore import AWAY, session
from lrs.log.lock import lock_of
from lrs.log.outage import Outage
from lrs.log.recorder import APPENDED
from lrs.seal import WrongMasterKey
from lrs.settings import Settings
from lrs.store_name import schema_of

log = logging.getLogger(__name__)
_queries = sql.load(__package__)
LOCK: Final = lock_of("notary")
"""The advisory lock that the active notary holds on the very connection it writes with: who loses it writes no more."""
POLL: Final = 5.0
"""Seconds after which the logs are looked at though nobody said that something happened."""
_TRY_AGAIN: Final = 1.0


class Notary:
    """Waits for the lock, then signs every store there is and every one that is made. May be killed at any moment."""

    def __init__(self, settings: Settings) -> None:
        """Check the settings. Raises SettingsError."""
        self._url = settings.database()
        self._master = settings.master()
        self._base = settings.base_url()
        self._seconds = settings.notary_seconds
        self._memory = Memory(settings.data / "notary")
        self._outlets = Outlets(settings)
        self._cosign = _by_witnesses(settings.witnesses) if settings.witnesses else by_nobody
        self._stores: dict[str, StoreNotary] = {}
        self._said: dict[str, str] = {}
        self._outage = Outage(log)

    def run(self) -> None:
        """Sign until the process ends, whatever is away meanwhile."""
        while True:
            try:
                with connect(self._url, "notary") as connection:
                    self._lock(connection)
                    self._follow(connection)
            except AWAY as error:
                self._outage.noticed(error)
                time.sleep(_TRY_AGAIN)

    def _lock(self, connection: Connection[TupleRow]) -> None:
        connection.execute(_queries.let_go)
        waiting = False
        while not sql.one(connection.execute(_queries.try_lock, {"lock": LOCK}))[0]:
            if not waiting:
                log.warning("another notary is active: waiting to take over")
                waiting = True
            time.sleep(_TRY_AGAIN)

    def _follow(self, connection: Connection[TupleRow]) -> None:
        log.warning("signing")
        connection.execute(SQL("LISTEN {}").format(Identifier(APPENDED)))
        self._stores.clear()
        while True:
            began = time.monotonic()
            self.round(connection)
            # Not before: one that only stands by would let us in, and take nothing.
            self._outage.over()
            # One checkpoint for all that comes within this time: signing more often would only make more of them.
            time.sleep(max(0.0, began + self._seconds - time.monotonic()))
            next(connection.notifies(timeout=POLL, stop_after=1), None)

    def round(self, connection: Connection[TupleRow]) -> None:
        """Let each store's tree catch up with its log. What stops one store doesn't stop the others."""
        for (store,) in connection.execute(_queries.stores).fetchall():
            if store not in self._stores:
                origin = origin_of(self._base, store)
                self._stores[store] = StoreNotary(store, origin, self._master, self._memory, self._cosign)
            session(connection, schema_of(store))
            try:
                checkpoint = self._stores[store].advance(connection)
            except AWAY:
                raise
            except (Unsignable, Overtaken, WrongMasterKey, OSError) as error:
                self._say(store, str(error))
            except Exception as error:
                if self._said.get(store) != repr(error):
                    log.exception("%s: unexpected", store)
                    self._said[store] = repr(error)
            else:
                if self._said.pop(store, None):
                    log.warning("%s: going on", store)
                if checkpoint is not None:
                    self._outlets.send(store, checkpoint)

    def _say(self, store: str, trouble: str) -> None:
        if self._said.get(store) != trouble:
            log.warning("%s: %s", store, trouble)
            self._said[store] = trouble


def _by_witnesses(written: Sequence[str]) -> Cosign:
    from lrs.audit.tree.witness import cosigned, witnesses  # much to load, and few have any

    return cosigned(witnesses(written))
