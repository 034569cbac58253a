"""The vocabulary of a store: what the house ships, and what the store adds to it or has replaced."""

from collections.abc import Iterable
from functools import cache
from hashlib import sha256

from msgspec import msgpack

from projections.meaning import shipped
from schemas.vocabulary import VerbMeaning, VocabularyChange

_ByType = dict[tuple[str, str], VerbMeaning]
"""By verb and type of object; the type is empty where any will do."""
_Store = dict[tuple[str, tuple[str, ...]], VerbMeaning]
"""A store's own, by verb and types."""


class Vocabulary:
    """Which verbs mean what. Immutable; two with the same meanings are equal."""

    __slots__ = ("_all", "_store", "version")

    version: str
    """A digest of all meanings and sources: the same as long as every statement means the same."""

    def __init__(self, store: _Store) -> None:
        self._store = store
        # Those for fewer types are narrower and come last, so that they win.
        self._all = {**_shipped(), **_by_type(sorted(store.values(), key=lambda meaning: -len(meaning.types)))}
        said = sorted((verb, type_, meaning.kind or "") for (verb, type_), meaning in self._all.items())
        self.version = sha256(msgpack.encode((said, sorted(shipped.sources().items())))).hexdigest()

    @staticmethod
    def shipped() -> "Vocabulary":
        """Give the vocabulary of a store that has changed nothing."""
        return _nothing_changed()

    def after(self, change: VocabularyChange) -> "Vocabulary":
        """Give the vocabulary after a change: what it takes back first, what it adds then.

        A meaning replaces the store's own for the same verb and types, and takes the place of what is shipped for each
        of them; a narrower one still wins from it.
        """
        kept = {key: meaning for key, meaning in self._store.items() if meaning.verb not in change.removed}
        return Vocabulary(kept | {(meaning.verb, meaning.types): meaning for meaning in change.meanings})

    def meaning(self, verb: str, type_: str) -> VerbMeaning | None:
        """Tell what a verb means with an object of a type; None if nobody said.

        ``type_`` is the activity's type, empty if it has none; ``Agent``, ``Group``, ``StatementRef`` or
        ``SubStatement`` if the object is no activity.
        """
        return self._all.get((verb, type_)) or self._all.get((verb, ""))

    def meanings(self) -> list[VerbMeaning]:
        """List all meanings, by verb and type: each with one type, or none if it holds for any."""
        return [
            VerbMeaning(verb=verb, kind=meaning.kind, origin=meaning.origin, types=(type_,) if type_ else ())
            for (verb, type_), meaning in sorted(self._all.items(), key=lambda entry: entry[0])
        ]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)


@cache
def _shipped() -> _ByType:
    return _by_type(shipped.meanings())


@cache
def _nothing_changed() -> Vocabulary:
    return Vocabulary({})


def _by_type(meanings: Iterable[VerbMeaning]) -> _ByType:
    return {(meaning.verb, type_): meaning for meaning in meanings for type_ in meaning.types or ("",)}
