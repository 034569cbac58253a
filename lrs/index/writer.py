"""Writes the statement index, in the transaction that appends the statements or when it is rebuilt from the log."""

import struct
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import SQL

from lrs import sql
from lrs.index.definitions import merge
from lrs.index.entry import Definition, Entry, features
from lrs.index.remains import remains_of
from lrs.index.signature import signature
from lrs.index.terms import target, voids
from lrs.log.reader import LoggedStatement, Reader
from lrs.seal import Keyring
from lrs.statement import read

_queries = sql.load(__package__)
_HEAD = struct.pack("!hi", 4, 16)  # 4 fields; term
_TAIL = struct.Struct("!iqiqiq")  # position, source, signature

LONGEST_CHAIN = 100
"""StatementRefs, one behind the other, through which a statement is found by what finds the last one's target.

1.0.3 Communication 2.1.3 knows no limit; but each statement at the end of a chain has the terms of all of it.
"""

Copy = Callable[[SQL, Iterable[bytes]], None]
"""Writes packed rows by a ``COPY … FROM STDIN (FORMAT BINARY)``; when, is its own affair."""


class _Way(NamedTuple):
    """How a statement gets to one that it targets, straight or through others."""

    steps: int
    passed: frozenset[int]
    """The positions of that one's own chain on the way (in a ring)."""


_HERE = _Way(0, frozenset())


class _Reference(NamedTuple):
    target: UUID
    position: int
    id: UUID
    voids: bool


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
        older = [_Reference(*row) for row in referring]
        known = {digest.bytes: bytes(definition) for digest, definition in defined}
        targets = _Targets(entries, older, lambda ids, up_to: self._read_back(cursor, ids, up_to))
        targets.load(cursor)
        rows: list[bytes] = []
        for one in entries:
            if not targets.is_voided(one):
                rows += _packed(one.features.terms, one.position, one.position)
        inherited: dict[tuple[int, int], list[bytes]] = {}
        # Few statements target others or are targeted: nothing to be gone through for the rest.
        for entry in entries if targets.any else ():
            chain = targets.chain(entry)
            referrers = targets.referrers(entry, chain)
            # Who targets this statement, straight or through others, is found by what finds this one, and by what
            # finds the statements this one targets.
            sources = {one.position: one.features.terms for one in (entry, *chain)}
            receivers = referrers if targets.is_voided(entry) else {entry.position: _HERE, **referrers}
            for position, way in receivers.items():
                inherited |= {
                    (position, source): terms
                    for source, terms in islice(sources.items(), LONGEST_CHAIN - way.steps + 1)
                    if source != position and source not in way.passed
                }
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


class _Targets:
    """Which statements target which, as far as the statements being indexed are concerned.

    A statement has at most one target, so targets form chains; a chain may close into a ring when a target arrives
    after the statements that target it.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        referrers: Sequence[_Reference],
        read_back: Callable[[Collection[UUID], int], Iterable[Entry]],
    ) -> None:
        """Begin with who is known to target the entries; ``read_back`` gives those of these ids up to a position."""
        self._entries = entries
        self._older = referrers
        self._read_back = read_back
        self._new = [
            _Reference(UUID(aim), entry.position, entry.id, voids(entry.statement))
            for entry in entries
            if (aim := target(entry.statement)) is not None
        ]
        self._referrers: dict[UUID, set[_Reference]] = {}
        for reference in (*self._new, *referrers):
            self._referrers.setdefault(reference.target, set()).add(reference)
        self.any = bool(self._referrers)
        """Whether there are any at all; mostly there are none, and then nothing below is asked who is who."""
        self._by_id = {entry.id: entry for entry in entries} if self.any else {}
        self._being_indexed = frozenset(self._by_id)

    def load(self, cursor: Cursor[TupleRow]) -> None:
        """Look up the statements targeted, and those that target the targeting ones, and so on."""
        if wanted := {reference.target for reference in self._new} - self._by_id.keys():
            self._load_targets(cursor, wanted)
        self._load_referrers(cursor, self._older, seen=set(self._being_indexed))

    def _load_targets(self, cursor: Cursor[TupleRow], wanted: Collection[UUID]) -> None:
        # Of an older statement that is voided the whole chain, which begins one step further on.
        among = {"ids": sql.uuids(wanted), "steps": LONGEST_CHAIN}
        cursor.execute(_queries.walk)
        ids = {id_ for (id_,) in cursor.execute(_queries.targets, among)} - self._by_id.keys()
        self._by_id |= {entry.id: entry for entry in self._read_back(ids, self._entries[-1].position)}

    def _load_referrers(self, cursor: Cursor[TupleRow], found: Sequence[_Reference], seen: set[UUID]) -> None:
        """Load who targets those that target the new statements, and so on; of the last of them who voids them."""
        for _ in range(LONGEST_CHAIN):
            wanted = {reference.id for reference in found} - seen
            if not wanted:
                return
            seen |= wanted
            found = [_Reference(*row) for row in cursor.execute(_queries.referring, {"ids": sql.uuids(wanted)})]
            for reference in found:
                self._referrers.setdefault(reference.target, set()).add(reference)

    def chain(self, entry: Entry) -> list[Entry]:
        """Give the statement's target, that one's target and so on: LONGEST_CHAIN, or as many as are in the log."""
        steps: list[Entry] = []
        if (aim := target(entry.statement)) is None:
            return steps
        seen = {entry.id}
        while aim is not None and len(steps) < LONGEST_CHAIN:
            step = self._by_id.get(UUID(aim))
            if step is None or step.id in seen:
                break
            steps.append(step)
            seen.add(step.id)
            aim = target(step.statement)
        return steps

    def referrers(self, entry: Entry, chain: Iterable[Entry]) -> dict[int, _Way]:
        """Give the statements that target this one, in up to LONGEST_CHAIN steps, and are not voided.

        By position, each with its way here: by what finds those that it passes it is found already. Those being indexed
        now, and who targets these, are left out: they have this statement in their own chain, and a long chain in one
        batch would otherwise be gone through again for each of its members.
        """
        found: dict[int, _Way] = {}
        further_on = {step.position for step in chain}
        seen: set[UUID] = set()
        wanted: list[tuple[UUID, _Way]] = [(entry.id, _HERE)]
        while wanted:
            target_id, (steps, passed) = wanted.pop()
            for reference in self._referrers.get(target_id, ()) if steps < LONGEST_CHAIN else ():
                if reference.id not in seen and reference.id not in self._being_indexed:
                    seen.add(reference.id)
                    on_the_way = passed | {reference.position} if reference.position in further_on else passed
                    wanted.append((reference.id, _Way(steps + 1, on_the_way)))
                    if reference.voids or not self._is_target_of_voiding(reference.id):
                        found[reference.position] = _Way(steps + 1, passed)
        return found

    def is_voided(self, entry: Entry) -> bool:
        """Whether a statement voids this one; a voiding statement itself can't be voided."""
        return self.any and not voids(entry.statement) and self._is_target_of_voiding(entry.id)

    def _is_target_of_voiding(self, statement_id: UUID) -> bool:
        return any(ref.voids for ref in self._referrers.get(statement_id, ()))

    def voided_before(self) -> list[Entry]:
        """Give the earlier statements that the entries void."""
        aims = {reference.target for reference in self._new if reference.voids} - self._being_indexed
        return [entry for aim in aims if (entry := self._by_id.get(aim)) is not None and not voids(entry.statement)]

    def add_references(self, cursor: Cursor[TupleRow]) -> None:
        """Write down who targets whom."""
        if self._new:
            targets, positions, ids, voiding = zip(*self._new, strict=True)
            cursor.execute(
                _queries.add_refs,
                {"targets": list(targets), "positions": list(positions), "ids": list(ids), "voids": list(voiding)},
            )
