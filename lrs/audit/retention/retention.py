"""The rules of one store: reading and changing them."""

from datetime import UTC, datetime
from typing import Final

from lrs.audit.retention.rules import Rules
from lrs.audit.retention.store_retention import RulesVersion, StoreRetention
from lrs.configuration import Changed, ConfigurationLog
from lrs.configuration.configuration import checked_reason
from lrs.errors import ChangedMeanwhile

_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Retention:
    """The retention rules of one store. Synchronous and safe to use from several threads.

    Methods raise a ``Refused``, or Unavailable.
    """

    def __init__(self, log: ConfigurationLog) -> None:
        """Work on the store of this configuration log."""
        self._log = log

    def present(self) -> RulesVersion:
        """Give the rules now with their version, which is 0 if none were ever set."""
        history = self.history()
        return history[-1] if history else RulesVersion(0, _NEVER, "", "", Rules())

    def history(self) -> list[RulesVersion]:
        """Give all rules that were ever set, oldest first."""
        return self._log.get(StoreRetention).history

    def set(self, rules: Rules, *, by: str, why: str = "", seen: int | None = None, dry_run: bool = False) -> Changed:
        """Set the rules, whole. They come into force with the next run, not before.

        ``seen`` is the version that the change was made on, if anybody looked. Raises ChangedMeanwhile if that isn't
        the present one, Malformed for a reason that isn't one.
        """
        reason = checked_reason(why)

        def attempt() -> Changed:
            aggregate = self._log.get(StoreRetention)
            if seen is not None and seen != aggregate.version:
                raise ChangedMeanwhile(
                    f"the rules are at version {aggregate.version} now, not {seen}: look at them first"
                )
            if not aggregate.change_to(rules, by=by, why=reason) or dry_run:
                return Changed(applied=False, position=None)
            return Changed(applied=True, position=self._log.record(aggregate))

        return self._log.decide(attempt)
