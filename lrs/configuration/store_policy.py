"""The policy of a store, and what it was before."""

from datetime import datetime
from typing import ClassVar

from eventsourcing.domain import AggregateEvent
from eventsourcing.utils import register_topic
from msgspec import Struct, json

from lrs.configuration.configured import Configured
from schemas.configuration_event import POLICY_CHANGED
from schemas.policy import Policy

_decode = json.Decoder(Policy).decode


class PolicyVersion(Struct, frozen=True):
    """A policy that was set, when, by whom, and why."""

    version: int
    set: datetime
    by: str
    why: str
    policy: Policy


class StorePolicy(Configured):
    """The policy: each change sets it whole, so that a later default doesn't change what was decided."""

    topic = POLICY_CHANGED

    class Changed(AggregateEvent):
        """The policy was set."""

        TOPIC: ClassVar[str] = POLICY_CHANGED

        change: str
        by: str
        why: str

        def apply(self, aggregate: "StorePolicy") -> None:
            """Take it over."""
            policy = _decode(self.change)
            aggregate.history.append(PolicyVersion(self.originator_version, self.timestamp, self.by, self.why, policy))

    def begin(self) -> None:
        """Begin with no policy but the shipped one."""
        self.history: list[PolicyVersion] = []

    @property
    def policy(self) -> Policy:
        """The policy now."""
        return self.history[-1].policy if self.history else Policy()

    def change_to(self, policy: Policy, *, by: str, why: str) -> bool:
        """Set the policy; gives whether that changes anything."""
        if self.history and policy == self.policy:
            return False
        self.trigger_event(self.Changed, change=json.encode(policy).decode(), by=by, why=why)
        return True


register_topic(POLICY_CHANGED, StorePolicy.Changed)
