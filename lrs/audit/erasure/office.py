"""The privacy officer's desk: looks, erases, waits until all has followed, and writes the receipt."""

import time
from typing import Final
from uuid import UUID

from lrs.access import AccessRecord, Reader, known
from lrs.audit.erasure.erasures import Erasure, Erasures
from lrs.audit.erasure.receipt import Receipt, receipt
from lrs.audit.erasure.report import Prospect, Report
from lrs.audit.tree import keys, tree_log
from lrs.audit.tree.origin import origin_of
from lrs.configuration import ConfigurationLog
from lrs.errors import NotFound
from lrs.seal import MasterKey
from lrs.store_name import schema_of

_LOOK_EVERY: Final = 0.25


class Office:
    """One store's. Blocks; safe to use from several threads. Methods raise a ``Refused``, or Unavailable."""

    def __init__(self, log: ConfigurationLog, master: MasterKey, base_url: str, stream_days: int) -> None:
        """Work for the store of this configuration log; ``base_url`` is where the server is reached."""
        self._log = log
        self._master = master
        self._erasures = Erasures(log, stream_days)
        self._origin = origin_of(base_url, log.store)

    def look(self, who: str, reader: Reader, access: AccessRecord) -> Prospect:
        """Tell a reader what erasing somebody would take; noted before it is told, unless it is themselves.

        Raises NotFound, Malformed.
        """
        with self._log.reading() as cursor:
            as_who = known(cursor, self._log.keyring, reader)
        found = self._erasures.look(who)
        if not self._erasures.takes(reader.identity, found):
            access.note(self._log.store, reader, found.extent.learners, "erasure", as_who)
        return Prospect.of(found)

    def erase(self, who: str, *, confirm: UUID, by: str, patience: float) -> Report:
        """Erase somebody, and wait so many seconds for what follows. Raises NotFound, Malformed."""
        return self._followed(self._erasures.erase(who, confirm=confirm, by=by), patience)

    def erased(self, who: str, *, patience: float) -> Report | None:
        """Tell of the erasure of whom this id names, waiting for what follows as above; None if it names nobody erased.

        No identifier names them any more: who goes by it now is somebody new.
        """
        try:
            done = self._erasures.of(UUID(who.strip()))
        except (ValueError, NotFound):
            return None
        return self._followed(done, patience)

    def _followed(self, done: Erasure, patience: float) -> Report:
        until = time.monotonic() + patience
        while done.waits_for and time.monotonic() < until:
            time.sleep(_LOOK_EVERY)
            done = self._erasures.of(done.person)
        return self._report(done)

    def of(self, person: UUID) -> Report:
        """Tell of an erasure. Raises NotFound."""
        return self._report(self._erasures.of(person))

    def everything(self) -> list[Report]:
        """Tell of all erasures of persons, the latest first."""
        return [self._report(one) for one in self._erasures.everything()]

    def _report(self, erasure: Erasure) -> Report:
        # What has yet to follow isn't certified.
        return Report.of(erasure, None if erasure.waits_for else self._receipt(erasure))

    def _receipt(self, erasure: Erasure) -> Receipt:
        with self._log.reading() as cursor:
            connection = cursor.connection
            tree = tree_log.state(connection)
            origin = tree.origin if tree else self._origin
            signer = keys.signer(connection, schema_of(self._log.store), origin, self._master, keys.keys(connection))
        return receipt(self._log.store, origin, erasure, signer)
