"""The organisation of a store, as its events tell it."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from eventsourcing.domain import AggregateEvent
from eventsourcing.utils import register_topic
from msgspec import json

from lrs.configuration.configured import Configured
from schemas.configuration_event import ORGANISATION_CHANGED, SealedDetails
from schemas.organisation import Organisation, OrganisationChange

decode_change = json.Decoder(OrganisationChange).decode
decode_sealed = json.Decoder(dict[UUID, SealedDetails]).decode


class StoreOrganisation(Configured):
    """Persons, teams, memberships, who manages what; and, sealed, who the persons are."""

    topic = ORGANISATION_CHANGED

    class Changed(AggregateEvent):
        """Something changed; ``sealed`` has the details of the persons for whom these changed."""

        TOPIC: ClassVar[str] = ORGANISATION_CHANGED

        change: str
        sealed: str
        by: str
        why: str

        def apply(self, aggregate: "StoreOrganisation") -> None:
            """Take it over."""
            change = decode_change(self.change)
            aggregate.organisation = aggregate.organisation.after(change)
            aggregate.sealed |= decode_sealed(self.sealed)
            for person in change.removed_people:
                aggregate.sealed.pop(person, None)

    def begin(self) -> None:
        """Begin with nobody."""
        self.organisation = Organisation()
        self.sealed: dict[UUID, SealedDetails] = {}

    def change(self, change: OrganisationChange, sealed: Mapping[UUID, SealedDetails], *, by: str, why: str) -> None:
        """Change something."""
        self.trigger_event(
            self.Changed, change=json.encode(change).decode(), sealed=json.encode(sealed).decode(), by=by, why=why
        )


register_topic(ORGANISATION_CHANGED, StoreOrganisation.Changed)
