"""The rules of a store, and what they were before."""

from datetime import datetime
from typing import ClassVar, Final

from eventsourcing.domain import AggregateEvent
from eventsourcing.utils import register_topic
from msgspec import Struct, json

from lrs.audit.retention.rules import Rules
from lrs.configuration.configured import Configured

RETENTION_CHANGED: Final = "retention.changed"
"""Topic of every event of the rules; ``change`` is Rules, whole. Nobody is told: what they do, other events say."""
_decode = json.Decoder(Rules).decode


class RulesVersion(Struct, frozen=True):
    """Rules that were set, when, by whom, and why."""

    version: int
    set: datetime
    by: str
    why: str
    rules: Rules


class StoreRetention(Configured):
    """The rules: each change sets them whole."""

    topic = RETENTION_CHANGED

    class Changed(AggregateEvent):
        """The rules were set."""

        TOPIC: ClassVar[str] = RETENTION_CHANGED

        change: str
        by: str
        why: str

        def apply(self, aggregate: "StoreRetention") -> None:
            """Take them over."""
            rules = _decode(self.change)
            aggregate.history.append(RulesVersion(self.originator_version, self.timestamp, self.by, self.why, rules))

    def begin(self) -> None:
        """Begin with no rules: everything is kept."""
        self.history: list[RulesVersion] = []

    @property
    def rules(self) -> Rules:
        """The rules now."""
        return self.history[-1].rules if self.history else Rules()

    def change_to(self, rules: Rules, *, by: str, why: str) -> bool:
        """Set the rules; gives whether that changes anything."""
        if rules == self.rules:
            return False
        self.trigger_event(self.Changed, change=json.encode(rules).decode(), by=by, why=why)
        return True


register_topic(RETENTION_CHANGED, StoreRetention.Changed)
