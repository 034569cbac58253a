"""The look of a store's dashboard."""

from typing import ClassVar

from eventsourcing.domain import AggregateEvent
from eventsourcing.utils import register_topic
from msgspec import json

from lrs.configuration.configured import Configured
from schemas.configuration_event import LOOK_CHANGED
from schemas.look import Look

_decode = json.Decoder(Look).decode


class StoreLook(Configured):
    """The look: each change sets it whole. No figure depends on it, so nobody is told of it by a message."""

    topic = LOOK_CHANGED

    class Changed(AggregateEvent):
        """The look was set."""

        TOPIC: ClassVar[str] = LOOK_CHANGED

        change: str
        by: str
        why: str

        def apply(self, aggregate: "StoreLook") -> None:
            """Take it over."""
            aggregate.look = _decode(self.change)

    def begin(self) -> None:
        """Begin as shipped."""
        self.look = Look()

    def change_to(self, look: Look, *, by: str, why: str) -> bool:
        """Set the look; gives whether that changes anything."""
        if look == self.look:
            return False
        self.trigger_event(self.Changed, change=json.encode(look).decode(), by=by, why=why)
        return True


register_topic(LOOK_CHANGED, StoreLook.Changed)
