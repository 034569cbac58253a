"""What others say of activities: what is known of them without some statements."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import SQL

from lrs import sql
from lrs.index import terms
from lrs.index.definitions import Leaf, leaves, merge
from lrs.index.entry import Definition
from lrs.index.writer import IndexWriter
from lrs.log.reader import Reader
from lrs.seal import Keyring

_queries = sql.load(__package__)
_FEW: Final = 2
_MOST: Final = 512
"""Statements that are heard at once: few at first, since nearly always everybody's tool says the same."""
_END: Final = 2**63 - 1
_NOTHING: Final = b"{}"


class Said(NamedTuple):
    """What a statement says of an activity."""

    position: int
    what: Definition


class Foreseen(NamedTuple):
    """What is left of activities' definitions, worked out while others may still append."""

    up_to: int
    """The last position that was there."""
    without: frozenset[int]
    """Positions of the statements that weren't heard."""
    left: dict[bytes, bytes | None]
    """By the digests of the activities that those define; None: nobody else says anything of it."""


class Hearing:
    """Hears one store's statements about activities, on a cursor that binds parameters itself (a ClientCursor)."""

    def __init__(self, keyring: Keyring, reader: Reader) -> None:
        self._keyring = keyring
        self._reader = reader
        self._writer = IndexWriter(keyring, reader)

    def left(
        self, cursor: Cursor[TupleRow], lost: Iterable[Said], known: Mapping[bytes, bytes], without: Collection[int]
    ) -> dict[bytes, bytes | None]:
        """Give what is left of what is ``known`` of activities without some statements, which say what is ``lost``."""
        iris: dict[bytes, str] = {}
        last: dict[bytes, dict[Leaf, int]] = {}
        for position, what in lost:
            if what.digest in known:
                iris[what.digest] = what.iri
                last.setdefault(what.digest, {}).update(dict.fromkeys(leaves(what.definition), position))
        return {
            digest: self._left(cursor, Definition(digest, iri, known[digest]), last[digest], without)
            for digest, iri in iris.items()
        }

    def caught_up(
        self, cursor: Cursor[TupleRow], foreseen: Foreseen, without: Collection[int]
    ) -> dict[bytes, bytes | None]:
        """Give what is left by now: nothing if others were forgotten since, or what goes isn't what was foreseen."""
        (others,) = sql.one(cursor.execute(_queries.forgotten_after, {"position": foreseen.up_to}))
        if others or foreseen.without != {position for position in without if position <= foreseen.up_to}:
            return {}
        left = dict(foreseen.left)
        after = foreseen.up_to
        while events := self._reader.after(cursor, after, _END, _MOST):
            after = events[-1].position
            for logged in self._reader.open(cursor, events):
                for new in self._writer.entry(logged).features.definitions:
                    if new.digest in left and logged.position not in without:
                        left[new.digest] = merge(left[new.digest] or _NOTHING, new.definition)
        return left

    def _left(
        self, cursor: Cursor[TupleRow], known: Definition, last: Mapping[Leaf, int], without: Collection[int]
    ) -> bytes | None:
        """Give what is left of a definition; ``last`` is what is lost, each with where it was said last.

        What is known stays as it is but for what is lost, and that stays, too, if somebody else says it. So the newest
        are heard, and those that come after what is lost, by turns, until it is known of each who says it last.
        """
        about = [self._keyring.term(*about) for about in (terms.activity(known.iri), terms.related_activity(known.iri))]
        pending = last.keys() & leaves(known.definition)
        heard = _NOTHING
        low, high, size = 0, _END, _FEW
        while pending:
            page = self._page(cursor, _queries.newest_about, about, (0, high), size)
            for said in reversed(self._said(cursor, known.digest, page, without)):
                heard = merge(said.what.definition, heard)
                pending -= leaves(said.what.definition)
            if len(page) < size:
                return None if heard == _NOTHING else heard  # everybody was heard
            high = page[-1]
            low = max(low, min((last[leaf] for leaf in pending), default=high))
            if low < high:
                page = self._page(cursor, _queries.oldest_about, about, (low, high), size)
                for said in self._said(cursor, known.digest, page, without):
                    # Whoever says it last is not among those that go: so it counts as it did.
                    pending -= {leaf for leaf in leaves(said.what.definition) & pending if last[leaf] < said.position}
                low = page[-1] if len(page) == size else high
            size = min(4 * size, _MOST)
        return merge(known.definition, heard)

    @staticmethod
    def _page(
        cursor: Cursor[TupleRow], query: SQL, about: Iterable[bytes], between: tuple[int, int], limit: int
    ) -> list[int]:
        after, before = between
        page = {"terms": sql.uuids_of_bytes(about), "after": after, "before": before, "limit": limit}
        return [position for (position,) in cursor.execute(query, page)]

    def _said(
        self, cursor: Cursor[TupleRow], digest: bytes, page: Sequence[int], without: Collection[int]
    ) -> list[Said]:
        """Give what the statements of a page say of an activity, oldest first."""
        positions = [position for position in page if position not in without]
        if not positions:
            return []
        events = self._reader.at(cursor, positions, ascending=True, most_bytes=_END)
        entries = (self._writer.entry(logged) for logged in self._reader.open(cursor, events))
        return [
            Said(entry.position, new) for entry in entries for new in entry.features.definitions if new.digest == digest
        ]
