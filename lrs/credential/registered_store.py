"""The registration of one store."""

from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, AggregateCreated

_NAMESPACE = UUID("2b6f1f0e-6d0d-4b8c-8a51-0c7d3f5f7a44")


class RegisteredStore(Aggregate):
    """A store that exists: its name and how people call it. Its id follows from the name."""

    class Created(AggregateCreated):
        """The store was made."""

        name: str
        label: str
        by: str

    def __init__(self, name: str, label: str, by: str) -> None:
        """Begin with what was registered."""
        self.name = name
        self.label = label
        self.by = by

    @staticmethod
    def create_id(name: str) -> UUID:
        """Give the aggregate's id: a name-based UUID (RFC 9562, version 5) of the name."""
        return uuid5(_NAMESPACE, name)
