"""The organisation of a store, as its events tell it."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from eventsourcing.domain import AggregateEvent
from eventsourcing.utils import register_topic
from msgspec import json
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.configuration.configured import Configured
from lrs.log.personal_change import keys_of, opened
from lrs.seal import Keyring
from schemas.configuration_event import ORGANISATION_CHANGED, ConfigurationEvent, SealedDetails
from schemas.organisation import Organisation, OrganisationChange

decode_change = json.Decoder(OrganisationChange).decode
decode_sealed = json.Decoder(dict[UUID, SealedDetails]).decode


class StoreOrganisation(Configured):
    """Persons, teams, memberships, who manages what; what is about single persons, and who they are, is sealed."""

    topic = ORGANISATION_CHANGED

    class Changed(AggregateEvent):
        """Something changed.

        ``own`` has what is about single persons, ``sealed`` the details of those for whom these changed.
        """

        TOPIC: ClassVar[str] = ORGANISATION_CHANGED

        change: str
        sealed: str
        by: str
        why: str
        own: str = "{}"

        def apply(self, aggregate: "StoreOrganisation") -> None:
            """Take it over."""
            aggregate.changes.append(ConfigurationEvent(self.change, self.by, self.why, self.sealed, self.own))
            aggregate.sealed |= decode_sealed(self.sealed)
            for person in decode_change(self.change).removed_people:
                aggregate.sealed.pop(person, None)

    def begin(self) -> None:
        """Begin with nobody."""
        self.changes: list[ConfigurationEvent] = []
        self.sealed: dict[UUID, SealedDetails] = {}

    def change(
        self,
        common: OrganisationChange,
        own: Mapping[UUID, SealedDetails],
        sealed: Mapping[UUID, SealedDetails],
        *,
        by: str,
        why: str,
    ) -> None:
        """Change something: what is about nobody in particular, about single persons, and who these are."""
        self.trigger_event(
            self.Changed,
            change=json.encode(common).decode(),
            sealed=json.encode(sealed).decode(),
            by=by,
            why=why,
            own=json.encode(own).decode(),
        )

    def opened(self, cursor: Cursor[TupleRow], keyring: Keyring) -> Organisation:
        """Give the organisation, as far as it can be read: of who was erased there is nothing in it."""
        keys = keyring.by_id(cursor, set().union(*map(keys_of, self.changes)))
        organisation = Organisation()
        for change in self.changes:
            organisation = organisation.after(opened(change, keys))
        return organisation


register_topic(ORGANISATION_CHANGED, StoreOrganisation.Changed)
