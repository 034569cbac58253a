"""Documents as a job sees them."""

from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.document.finder import Finder, Found, Keys, Listed, opened
from lrs.document.place import Key, Place
from lrs.document.row import kept, kept_names
from lrs.seal import PersonKey


class KeyUnknown(LookupError):
    """A key is needed that wasn't looked up."""

    def __init__(self, key_id: UUID) -> None:
        super().__init__(str(key_id))
        self.key_id = key_id


class Locked:
    """Documents under the store's lock: nobody changes them until the job is done.

    Keys can't be looked up or made there. Methods raise KeyUnknown for one that is missing in ``keys``.
    """

    def __init__(self, cursor: Cursor[TupleRow], finder: Finder, keys: Keys, person: PersonKey | None) -> None:
        self._cursor = cursor
        self._finder = finder
        self._keys = keys
        self.person = person
        """Whose key seals what is changed; None where nothing is sealed."""

    def find(self, key: Key) -> Found:
        """Find one document. Raises KeyUnknown also if the key that seals was destroyed since it was looked up."""
        document = self._finder.digest(key)
        found = kept(self._cursor, document, self.person.id if self.person else None)
        if self.person is not None and not found.key_exists:
            raise KeyUnknown(self.person.id)
        person = self._person(found.key_id)
        return Found(found.seen, person, found.open(document, person))

    def names(self, place: Place) -> list[Listed]:
        """Find the documents in a place; without registration those of all."""
        names = kept_names(self._cursor, self._finder.context(place), place.registration)
        for name in names:
            self._person(name.key_id)
        return opened(place, names, self._keys)

    def _person(self, key_id: UUID | None) -> PersonKey | None:
        if key_id is None:
            return None
        if key_id not in self._keys:
            raise KeyUnknown(key_id)
        return self._keys[key_id]
