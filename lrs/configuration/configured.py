"""What the store's configuration aggregates have in common."""

from datetime import UTC, datetime
from typing import Self
from uuid import UUID

from eventsourcing.domain import Aggregate

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Configured(Aggregate):
    """Something of which each store has one, whether or not anything was ever said about it.

    So it begins blank, without an event: the first event in the log is a change like all others, of the same topic.
    """

    topic = ""
    """Of each of its events; the aggregate's id is derived from it."""

    @classmethod
    def blank(cls, aggregate_id: UUID) -> Self:
        """Give it as it is before its first event."""
        aggregate = cls.__new__(cls)
        aggregate.__base_init__(aggregate_id, 0, _NEVER)
        aggregate.begin()
        return aggregate

    def begin(self) -> None:
        """Set what is so before the first event."""
        raise NotImplementedError
