"""Takes what can't be read any more out of the index, so that it is what a rebuild from the log would give."""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Final, NamedTuple
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.batched import batched
from lrs.index.entry import Definition, Entry
from lrs.index.hearing import Foreseen, Hearing, Said
from lrs.index.remains import keep_remains
from lrs.index.signature import signature
from lrs.index.terms import target, voids
from lrs.index.writer import IndexWriter
from lrs.log.reader import LoggedStatement, Reader
from lrs.seal import Keyring
from schemas.erasure import Reference

_queries = sql.load(__package__)
_PAGE: Final = 500
"""Statements, and activities, that one command names."""
_NUMBERS: Final = ("positions", "sources", "signatures")


class Gone(NamedTuple):
    """A statement that can't be read any more."""

    position: int
    id: UUID
    terms: Sequence[bytes]
    definitions: Sequence[Definition]
    reference: Reference | None
    """What is left of it."""


class Altered(NamedTuple):
    """A statement in which somebody can't be read any more, with all terms that found it and that find it now."""

    position: int
    id: UUID
    before: Sequence[bytes]
    after: Sequence[bytes]


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
        self._reader = reader
        self._writer = IndexWriter(keyring, reader)
        self._hearing = Hearing(keyring, reader)

    def sources(self, cursor: Cursor[TupleRow], found_by: Iterable[bytes]) -> list[int]:
        """Give the positions of the statements that have one of these terms, voided ones included."""
        wanted = {"terms": sql.uuids_of_bytes(found_by)}
        return [position for (position,) in cursor.execute(_queries.sources, wanted)]

    def is_found(self, cursor: Cursor[TupleRow], found_by: Iterable[bytes]) -> bool:
        """Tell whether any statement has one of these terms."""
        return bool(sql.one(cursor.execute(_queries.is_found, {"terms": sql.uuids_of_bytes(found_by)}))[0])

    def foresee(self, cursor: Cursor[TupleRow], unreadable: Sequence[Gone]) -> Foreseen:
        """Work out what will be left of activities' definitions without some statements, which can still be read.

        It needs no lock, but one snapshot for all it reads: nearly all that takes time is done here, once for all,
        while others go on.
        """
        cursor.execute(_queries.walk)
        lost, positions = _said(unreadable)
        left = self._hearing.left(cursor, lost, self._known(cursor, lost), positions)
        return Foreseen(self._reader.head(cursor), positions, left)

    def forget(
        self,
        cursor: Cursor[TupleRow],
        unreadable: Sequence[Gone],
        altered: Sequence[Altered],
        foreseen: Foreseen | None = None,
    ) -> None:
        """Take statements out of the index, and let others be found by what is left in them.

        It must be called while the statements can still be read by whoever gave them here, and after their keys were
        destroyed for everybody who reads through this cursor. Of what was ``foreseen`` only what came since is heard.
        """
        cursor.execute(_queries.walk)
        for some in batched(unreadable, _PAGE):
            self._remove(cursor, some, {one.position: one.terms for one in some})
        for changed in batched(altered, _PAGE):
            # All of its rows, because each has the signature of all.
            found = self._remove(cursor, changed, {one.position: one.before for one in changed})
            after = {one.position: list(product(one.after, [signature(one.after)])) for one in changed}
            rows = [(UUID(bytes=term), at, source, bits) for at, source in found for term, bits in after[source]]
            if rows:
                cursor.execute(_queries.add_found, _columns(rows))
        keep_remains(cursor, [one.reference for one in unreadable if one.reference is not None])
        self._define_anew(cursor, unreadable, foreseen)

    @staticmethod
    def _remove(
        cursor: Cursor[TupleRow], some: Sequence[Gone] | Sequence[Altered], removed: dict[int, Sequence[bytes]]
    ) -> list[TupleRow]:
        """Take terms of statements out wherever they are had from them; gives the positions, with the statements'."""
        named = {"positions": [one.position for one in some], "ids": sql.uuids(one.id for one in some)}
        finders = cursor.execute(_queries.finders, named).fetchall()
        rows = [(UUID(bytes=term), position, source) for source, position in finders for term in removed[source]]
        return cursor.execute(_queries.remove_found, _columns(rows)).fetchall() if rows else []

    def _define_anew(self, cursor: Cursor[TupleRow], unreadable: Sequence[Gone], foreseen: Foreseen | None) -> None:
        """Leave of activities' definitions what others said of them."""
        lost, positions = _said(unreadable)
        known = self._known(cursor, lost)
        left = {} if foreseen is None else self._hearing.caught_up(cursor, foreseen, positions)
        left |= self._hearing.left(cursor, (said for said in lost if said.what.digest not in left), known, positions)
        for digest, before in known.items():
            after = left[digest]
            if after is None:
                cursor.execute(_queries.remove_definition, {"digest": UUID(bytes=digest)})
            elif after != before:
                cursor.execute(_queries.replace_definition, {"digest": UUID(bytes=digest), "definition": after})

    @staticmethod
    def _known(cursor: Cursor[TupleRow], lost: Iterable[Said]) -> dict[bytes, bytes]:
        """Give what is known of the activities that something is said of."""
        return {
            digest.bytes: bytes(definition)
            for some in batched({said.what.digest for said in lost}, _PAGE)
            for digest, definition in cursor.execute(_queries.definitions, {"digests": sql.uuids_of_bytes(some)})
        }

    def entry(self, logged: LoggedStatement) -> Entry:
        """Give what the index has of a statement."""
        return self._writer.entry(logged)


def _said(unreadable: Iterable[Gone]) -> tuple[list[Said], frozenset[int]]:
    """Give what statements say of activities, in the log's order, and their positions."""
    lost = [Said(one.position, new) for one in unreadable for new in one.definitions]
    return sorted(lost, key=lambda said: said.position), frozenset(one.position for one in unreadable)


def _columns(rows: Sequence[tuple[UUID, *tuple[int, ...]]]) -> dict[str, object]:
    found, *numbers = zip(*rows, strict=True)
    return {"terms": sql.uuids(found), **dict(zip(_NUMBERS, map(list, numbers), strict=False))}
