"""Takes what can't be read any more out of the index, so that it is what a rebuild from the log would give."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple, TypeVar
from uuid import UUID

from msgspec import Raw, Struct, json
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.index import terms
from lrs.index.definitions import merge
from lrs.index.entry import Definition, Entry
from lrs.index.remains import keep_remains
from lrs.index.terms import target, voids
from lrs.index.writer import IndexWriter
from lrs.log.reader import LoggedStatement, Reader
from lrs.seal import Keyring
from schemas.erasure import Reference

T = TypeVar("T")
_queries = sql.load(__package__)
_PAGE: Final = 500
"""Statements that are read back at once."""
_FEW: Final = 8
"""Statements that are read back in the hope that one of them says all that is known of an activity."""
_LAST: Final = 2**63 - 1


class Gone(NamedTuple):
    """A statement that can't be read any more."""

    position: int
    id: UUID
    terms: Sequence[bytes]
    definitions: Sequence[Definition]
    reference: Reference | None
    """What is left of it."""


class Altered(NamedTuple):
    """A statement in which somebody can't be read any more, so that other terms find it."""

    position: int
    id: UUID
    removed: Sequence[bytes]
    added: Sequence[bytes]


def gone(entry: Entry) -> Gone:
    """Give what the index has to forget of a statement."""
    aim = target(entry.statement)
    reference = (
        None if aim is None else Reference(entry.position, entry.id.bytes, UUID(aim).bytes, voids(entry.statement))
    )
    return Gone(entry.position, entry.id, entry.features.terms, entry.features.definitions, reference)


class Forgetting:
    """Works on the index of one store, on a cursor that binds parameters itself (a ClientCursor), under its lock."""

    def __init__(self, keyring: Keyring, reader: Reader) -> None:
        self._keyring = keyring
        self._reader = reader
        self._writer = IndexWriter(keyring, reader)

    def sources(self, cursor: Cursor[TupleRow], found_by: Iterable[bytes]) -> list[int]:
        """Give the positions of the statements that have one of these terms, voided ones included."""
        wanted = {"terms": sql.uuids_of_bytes(found_by)}
        return [position for (position,) in cursor.execute(_queries.sources, wanted)]

    def is_found(self, cursor: Cursor[TupleRow], found_by: Iterable[bytes]) -> bool:
        """Tell whether any statement has one of these terms."""
        return bool(sql.one(cursor.execute(_queries.is_found, {"terms": sql.uuids_of_bytes(found_by)}))[0])

    def forget(self, cursor: Cursor[TupleRow], unreadable: Sequence[Gone], altered: Sequence[Altered]) -> None:
        """Take statements out of the index, and let others be found by what is left in them.

        It must be called while the statements can still be read by whoever gave them here, and after their keys were
        destroyed for everybody who reads through this cursor: what is known of activities is then merged anew.
        """
        cursor.execute(_queries.walk)
        for some in _cut(unreadable):
            self._remove(cursor, some, {one.position: one.terms for one in some})
        for changed in _cut(altered):
            found = self._remove(cursor, changed, {one.position: one.removed for one in changed})
            added = {one.position: one.added for one in changed}
            rows = [(UUID(bytes=term), at, source) for at, source in found for term in added[source]]
            if rows:
                cursor.execute(_queries.add_found, _columns(rows))
        keep_remains(cursor, [one.reference for one in unreadable if one.reference is not None])
        self._define_anew(cursor, unreadable)

    @staticmethod
    def _remove(
        cursor: Cursor[TupleRow], some: Sequence[Gone] | Sequence[Altered], removed: dict[int, Sequence[bytes]]
    ) -> list[TupleRow]:
        """Take terms of statements out wherever they are had from them; gives the positions, with the statements'."""
        named = {"positions": [one.position for one in some], "ids": sql.uuids(one.id for one in some)}
        finders = cursor.execute(_queries.finders, named).fetchall()
        rows = [(UUID(bytes=term), position, source) for source, position in finders for term in removed[source]]
        return cursor.execute(_queries.remove_found, _columns(rows)).fetchall() if rows else []

    def _define_anew(self, cursor: Cursor[TupleRow], unreadable: Iterable[Gone]) -> None:
        """Leave of activities' definitions what others said of them."""
        positions: set[int] = set()
        defined: dict[bytes, str] = {}
        for one in unreadable:
            positions.add(one.position)
            defined.update((new.digest, new.iri) for new in one.definitions)
        for some in _cut(defined):
            known = cursor.execute(_queries.defined, {"digests": sql.uuids_of_bytes(some)}).fetchall()
            for digest, definition in known:
                left = self._left(cursor, digest.bytes, defined[digest.bytes], bytes(definition), positions)
                if left is None:
                    cursor.execute(_queries.remove_definitions, {"digests": sql.uuids([digest])})
                elif left != bytes(definition):
                    cursor.execute(_queries.replace_definition, {"digest": digest, "definition": left})

    def _left(
        self, cursor: Cursor[TupleRow], digest: bytes, iri: str, known: bytes, without: Collection[int]
    ) -> bytes | None:
        """Give what is known of an activity without some statements."""
        about = [self._keyring.term(*about) for about in (terms.activity(iri), terms.related_activity(iri))]
        # Nearly always everybody's tool says the same of an activity, so that the first and the last who say anything
        # of it tell what all say together; else everybody has to be heard.
        first = self._first(cursor, digest, about, without, newest=False)
        if first is not None and _shape(first) == _shape(known):
            last = self._first(cursor, digest, about, without, newest=True)
            if last is not None and _leaves(last) == _leaves(known):
                return known
        left = None
        positions = [position for position in self.sources(cursor, about) if position not in without]
        for some in _cut(positions):
            for said in self._definitions(cursor, digest, some):
                left = merge(left or b"{}", said)
        return left

    def _first(
        self,
        cursor: Cursor[TupleRow],
        digest: bytes,
        about: Iterable[bytes],
        without: Collection[int],
        *,
        newest: bool,
    ) -> bytes | None:
        """Give the first, or the last, that the first few statements about an activity say of it."""
        query = _queries.last_about if newest else _queries.first_about
        found: set[int] = set()
        for term in about:
            page = {"term": UUID(bytes=term), "after": 0, "before": _LAST, "limit": _FEW + len(without)}
            positions = (position for (position,) in cursor.execute(query, page).fetchall())
            found.update(islice((position for position in positions if position not in without), _FEW))
        said = self._definitions(cursor, digest, found)
        return (said[-1] if newest else said[0]) if said else None

    def _definitions(self, cursor: Cursor[TupleRow], digest: bytes, positions: Collection[int]) -> list[bytes]:
        """Give what the statements at these positions say of an activity, oldest first."""
        if not positions:
            return []
        events = self._reader.at(cursor, positions, ascending=True, most_bytes=_LAST)
        entries = (self._writer.entry(logged) for logged in self._reader.open(cursor, events))
        return [new.definition for entry in entries for new in entry.features.definitions if new.digest == digest]

    def entry(self, logged: LoggedStatement) -> Entry:
        """Give what the index has of a statement."""
        return self._writer.entry(logged)


class _Nested(Struct):
    name: dict[str, Raw] = {}
    description: dict[str, Raw] = {}
    extensions: dict[str, Raw] = {}


_nested = json.Decoder(_Nested).decode
_properties = json.Decoder(dict[str, Raw]).decode


def _shape(definition: bytes) -> list[list[str]]:
    """Give the names of a definition's properties and of those that are merged by themselves, in their order."""
    parts = _nested(definition)
    return [list(part) for part in (_properties(definition), parts.name, parts.description, parts.extensions)]


def _leaves(definition: bytes) -> dict[tuple[str, str], bytes]:
    """Give the values that are merged by themselves."""
    parts = _nested(definition)
    merged = {"name": parts.name, "description": parts.description, "extensions": parts.extensions}
    whole = {(name, ""): bytes(value) for name, value in _properties(definition).items() if name not in merged}
    return whole | {(name, key): bytes(value) for name, part in merged.items() for key, value in part.items()}


def _columns(rows: Sequence[tuple[UUID, int, int]]) -> dict[str, object]:
    found, positions, sources = zip(*rows, strict=True)
    return {"terms": sql.uuids(found), "positions": list(positions), "sources": list(sources)}


def _cut(items: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(items)
    while some := list(islice(waiting, _PAGE)):
        yield some
