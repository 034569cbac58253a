"""Writes the statement index, in the transaction that appends the statements or when it is rebuilt from the log."""

import struct
from collections.abc import Callable, Collection, Iterable, Sequence
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import SQL

from lrs import sql
from lrs.index.definitions import merge
from lrs.index.entry import Definition, Entry, features
from lrs.index.remains import remains_of
from lrs.index.signature import signature
from lrs.index.targets import Targets
from lrs.log.reader import LoggedStatement, Reader
from lrs.seal import Keyring
from lrs.statement import read

_queries = sql.load(__package__)
_HEAD = struct.pack("!hi", 4, 16)  # 4 fields; term
_TAIL = struct.Struct("!iqiqiq")  # position, source, signature

Copy = Callable[[SQL, Iterable[bytes]], None]
"""Writes packed rows by a ``COPY … FROM STDIN (FORMAT BINARY)``; when, is its own affair."""


class IndexWriter:
    """Adds recorded statements to the index.

    What it writes depends only on which statements the log holds up to a position, and (activities) on their order,
    not on how they were cut into batches: so live and rebuilt tables are equal.
    """

    REFERRING = _queries.referring
    """Looks up who targets statements, by their ``ids``."""
    DEFINED = _queries.definitions
    """Looks up what is known of activities, by their ``digests``."""

    def __init__(self, keyring: Keyring, reader: Reader) -> None:
        self._keyring = keyring
        self._reader = reader

    def write(
        self,
        cursor: Cursor[TupleRow],
        entries: Sequence[Entry],
        referring: Iterable[TupleRow],
        defined: Iterable[TupleRow],
        copy: Copy,
    ) -> None:
        """Index statements, which come in the log's order and right after those indexed before.

        ``referring`` and ``defined`` are the rows of REFERRING and DEFINED for these statements, or for more.
        """
        known = {digest.bytes: bytes(definition) for digest, definition in defined}
        targets = Targets(entries, referring, lambda ids, up_to: self._read_back(cursor, ids, up_to))
        targets.load(cursor)
        rows: list[bytes] = []
        for one in entries:
            if not targets.is_voided(one):
                rows += _packed(one.features.terms, one.position, one.position)
        inherited: dict[tuple[int, int], list[bytes]] = {}
        # Few statements target others or are targeted: nothing to be gone through for the rest.
        for entry in entries if targets.any else ():
            inherited |= targets.inherited(entry)
        for place, terms in inherited.items():
            rows += _packed(terms, *place)
        # In the order of their key: the database then finds the place of each right beside the last one's.
        rows.sort()
        copy(_queries.copy_terms, rows)
        for entry in targets.voided_before():
            for source in (entry, *targets.chain(entry)):
                source_terms = [UUID(bytes=term) for term in source.features.terms]
                cursor.execute(
                    _queries.remove_terms,
                    {"terms": source_terms, "position": entry.position, "source": source.position},
                )
        targets.add_references(cursor)
        _write_definitions(cursor, (new for entry in entries for new in entry.features.definitions), known)

    def _read_back(self, cursor: Cursor[TupleRow], ids: Collection[UUID], up_to: int) -> list[Entry]:
        found = [self.entry(logged) for logged in self._reader.of(cursor, ids, up_to)]
        return found + remains_of(cursor, set(ids) - {entry.id for entry in found}, up_to)

    def entry(self, logged: LoggedStatement) -> Entry:
        """Give the entry of a statement that is in the log."""
        statement = read(logged.text)
        return Entry(logged.position, logged.id, statement, features(self._keyring, statement, defines=logged.defines))


def _packed(terms: Sequence[bytes], position: int, source: int) -> list[bytes]:
    """Pack a row for each of these terms, which are all that the source has; of somebody forgotten there are none."""
    tail = _TAIL.pack(8, position, 8, source, 8, signature(terms))
    return [_HEAD + term + tail for term in terms]


def _write_definitions(cursor: Cursor[TupleRow], defined: Iterable[Definition], known: dict[bytes, bytes]) -> None:
    changed: dict[bytes, tuple[str, bytes]] = {}
    for new in defined:
        before = known.get(new.digest)
        after = merge(before or b"{}", new.definition)
        if after != before:
            known[new.digest] = after
            changed[new.digest] = (new.iri, after)
    if changed:
        cursor.execute(
            _queries.put_definitions,
            {
                "digests": [UUID(bytes=digest) for digest in changed],
                "iris": [iri for iri, _ in changed.values()],
                "definitions": [definition for _, definition in changed.values()],
            },
        )
