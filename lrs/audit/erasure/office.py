"""The privacy officer's desk: looks, erases, waits until all has followed, and writes the receipt."""

import time
from typing import Final
from uuid import UUID

from lrs.audit.erasure.erasures import Erasure, Erasures
from lrs.audit.erasure.receipt import receipt, signing
from lrs.audit.erasure.report import Prospect, Report
from lrs.configuration import ConfigurationLog

_LOOK_EVERY: Final = 0.25


class Office:
    """One store's. Blocks; safe to use from several threads. Methods raise a ``Refused``, or Unavailable."""

    def __init__(self, log: ConfigurationLog, base_url: str, stream_days: int) -> None:
        """Work for the store of this configuration log; ``base_url`` is where the server is reached."""
        self._log = log
        self._erasures = Erasures(log, stream_days)
        self._name = f"{base_url.split('://', 1)[-1].rstrip('/')}/log/{log.store}"

    def look(self, who: str) -> Prospect:
        """Tell what erasing somebody would take. Raises NotFound, Malformed."""
        return Prospect.of(self._erasures.look(who))

    def erase(self, who: str, *, confirm: UUID, by: str, patience: float) -> Report:
        """Erase somebody, and wait so many seconds for what follows. Raises NotFound, Malformed."""
        done = self._erasures.erase(who, confirm=confirm, by=by)
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
        if erasure.waits_for:
            return Report.of(erasure, None)
        return Report.of(
            erasure, receipt(self._log.store, self._name, erasure, signing(self._name, self._log.secret("log key 1")))
        )
