"""The history of one credential: issued, rotated, revoked."""

from datetime import datetime
from uuid import UUID, uuid5

from eventsourcing.domain import Aggregate, AggregateCreated, AggregateEvent

_NAMESPACE = UUID("8f0a3c52-53c4-4f2e-9e0c-5f7e8f3c1b6d")


class AccessKey(Aggregate):
    """A key that opens one store. Its id follows from the key, so that a look-up reads one aggregate.

    Events hold digests of secrets, never secrets, and who did it (``by``).
    """

    class Issued(AggregateCreated):
        """The credential was made."""

        key: str
        store: str
        digest: str
        scopes: list[str]
        label: str
        authority: str
        expires: datetime | None
        by: str

    class Rotated(AggregateEvent):
        """It got a new secret; the old one stays valid until ``previous_until``, if given."""

        digest: str
        previous_until: datetime | None
        by: str

        def apply(self, aggregate: "AccessKey") -> None:
            """Replace the secret."""
            aggregate.previous = aggregate.digest if self.previous_until else None
            aggregate.previous_until = self.previous_until
            aggregate.replaced[aggregate.digest] = self.by
            aggregate.digest = self.digest
            aggregate.rotated = self.timestamp
            aggregate.last = ("Rotated", self.timestamp, self.by)

    class Revoked(AggregateEvent):
        """It opens nothing any more, for ever."""

        by: str

        def apply(self, aggregate: "AccessKey") -> None:
            """Close it."""
            aggregate.revoked = self.timestamp
            aggregate.last = ("Revoked", self.timestamp, self.by)

    def __init__(
        self,
        *,
        key: str,
        store: str,
        digest: str,
        scopes: list[str],
        label: str,
        authority: str,
        expires: datetime | None,
        by: str,
    ) -> None:
        """Begin with what was issued; ``digest`` is hexadecimal and ``authority`` the JSON of an Agent."""
        self.key = key
        self.store = store
        self.digest = digest
        self.scopes = scopes
        self.label = label
        self.authority = authority
        self.expires = expires
        self.previous: str | None = None
        self.previous_until: datetime | None = None
        self.replaced: dict[str, str] = {}
        """By whom secrets were replaced that it had, by their digests."""
        self.rotated: datetime | None = None
        self.revoked: datetime | None = None
        self.last = ("Issued", self.created_on, by)

    @staticmethod
    def create_id(key: str) -> UUID:
        """Give the aggregate's id: a name-based UUID (RFC 9562, version 5) of the key."""
        return uuid5(_NAMESPACE, key)

    def rotate(self, digest: str, previous_until: datetime | None, by: str) -> None:
        """Give it a new secret."""
        self.trigger_event(self.Rotated, digest=digest, previous_until=previous_until, by=by)

    def revoke(self, by: str) -> None:
        """Close it."""
        self.trigger_event(self.Revoked, by=by)
