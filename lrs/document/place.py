"""Where documents are."""

from typing import NamedTuple, Self
from uuid import UUID

from msgspec import Struct, json, structs

from schemas.document_event import Resource


class Place(Struct, frozen=True, kw_only=True):
    """What documents are about: an activity, a person, or what a person does in an activity."""

    resource: Resource
    activity: str | None = None
    agent: str | None = None
    """The person's identity."""
    registration: UUID | None = None

    def context(self) -> str:
        """Give what a list of ids is of, as a text to digest: all registrations together."""
        return _text(self.resource, self.activity, self.agent)

    def of(self, registration: UUID | None) -> Self:
        """Give the place for one registration."""
        return structs.replace(self, registration=registration)


class Key(NamedTuple):
    """What names one document: its place and its stateId or profileId."""

    place: Place
    id: str

    def text(self) -> str:
        """Give the key as a text to digest. No registration is a registration of its own."""
        place = self.place
        registration = None if place.registration is None else str(place.registration)
        return _text(place.resource, place.activity, place.agent, registration, self.id)


def _text(*parts: str | None) -> str:
    # JSON, because ids may hold any character one would put between them.
    return json.encode(parts).decode()
