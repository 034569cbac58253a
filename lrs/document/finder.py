"""Finds documents in the table and opens them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from lrs.document.document import Document
from lrs.document.place import Key, Place
from lrs.document.row import KeptName, kept, kept_names
from lrs.seal import PersonKey
from lrs.store import Store

Keys = Mapping[UUID, PersonKey | None]
"""Persons' keys by id; None where one was destroyed."""


class Found(NamedTuple):
    """A document as it was found."""

    seen: int
    """Version of its last event; 0 if there never was one."""
    person: PersonKey | None
    """Whose key it is sealed under; None if it is an activity's, or not there."""
    document: Document | None


class Listed(NamedTuple):
    """A document in a list, without its content."""

    key: Key
    person: PersonKey | None
    updated: datetime
    seen: int


class Finder:
    """Finds documents of one store. A document whose person was forgotten can't be opened: it isn't there."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def digest(self, key: Key) -> UUID:
        """Give what stands for a document in table and log."""
        return self._store.keys.digest("document", key.text())

    def context(self, place: Place) -> UUID:
        """Give what stands for a place in the table, all registrations together."""
        return self._store.keys.digest("documents", place.context())

    async def find(self, key: Key) -> Found:
        """Find one document."""
        document = self.digest(key)
        found = await self._store.run(lambda cursor: kept(cursor, document, binary=True))
        keys = await self._store.keys.by_id([found.key_id]) if found.key_id else {}
        person = keys.get(found.key_id) if found.key_id else None
        return Found(found.seen, person, found.open(document, person))

    async def names(self, place: Place, since: datetime | None = None) -> list[Listed]:
        """Find the documents in a place, or those changed after a moment; without registration those of all."""
        context = self.context(place)
        names = await self._store.run(lambda cursor: kept_names(cursor, context, place.registration, since))
        key_ids = {name.key_id for name in names if name.key_id is not None}
        return opened(place, names, await self._store.keys.by_id(key_ids) if key_ids else {})


def opened(place: Place, names: list[KeptName], keys: Keys) -> list[Listed]:
    """Give the documents of a list whose persons' keys are there."""
    found = []
    for name in names:
        person = keys.get(name.key_id) if name.key_id else None
        id_ = name.open(person)
        if id_ is not None:
            found.append(Listed(Key(place.of(name.registration), id_), person, name.updated.astimezone(UTC), name.seen))
    return found
