"""Changes of the organisation as the log holds them: what is about one person is sealed under that person's key.

So an erased person leaves of the organisation's past what leaves nobody: an id.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from msgspec import json

from lrs.seal import PersonKey
from schemas.configuration_event import ConfigurationEvent, SealedDetails
from schemas.organisation import OrganisationChange

_change: Final = json.Decoder(OrganisationChange).decode
_sealed: Final = json.Decoder(dict[UUID, SealedDetails]).decode


def keys_of(event: ConfigurationEvent) -> set[UUID]:
    """Give the ids of the keys that parts of a change are sealed under."""
    return {part.key for part in _sealed(event.own).values()}


def opened(event: ConfigurationEvent, keys: Mapping[UUID, PersonKey]) -> OrganisationChange:
    """Give a change with the parts whose keys are there: of who was erased there is nothing in it."""
    parts = [
        _change(keys[part.key].unseal(part.sealed, _bound_to(person)))
        for person, part in _sealed(event.own).items()
        if part.key in keys
    ]
    return _change(event.change).joined(parts)


def sealed(parts: Mapping[UUID, OrganisationChange], keys: Mapping[UUID, PersonKey]) -> dict[UUID, SealedDetails]:
    """Seal what of a change is about single persons, each under the key of theirs that is given."""
    return {
        person: SealedDetails(keys[person].id, keys[person].seal(json.encode(part), _bound_to(person)))
        for person, part in parts.items()
    }


def _bound_to(person: UUID) -> bytes:
    return b"change" + person.bytes
