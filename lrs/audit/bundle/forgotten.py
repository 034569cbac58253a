"""What may be unreadable: what an erasure or a retention rule in the log says so of, and nothing else."""

from uuid import UUID

from msgspec import MsgspecError
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.bundle.parts import Parts
from lrs.audit.bundle.problem import Say
from schemas.erasure import Erased, decode_erased

_queries = sql.load(__package__)


class Forgotten:
    """All that the log's erasures made unreadable."""

    def __init__(self, cursor: Cursor[TupleRow]) -> None:
        """Read the erasures of the store."""
        self._keys: set[bytes] = set()
        self._learners: set[bytes] = set()
        self._positions: set[int] = set()
        self._events: dict[int, Erased] = {}
        for position, state in cursor.execute(_queries.erasures).fetchall():
            try:
                erased = decode_erased(bytes(state))
            except MsgspecError:  # what the tree has is compared with it
                continue
            self._events[position] = erased
            self._keys.update(erased.keys)
            self._learners.update(erased.learners)
            self._positions.update(erased.statements)

    def statement(self, position: int, parts: Parts) -> bool:
        """Tell whether a statement may have lost its salt."""
        return position in self._positions or parts.learner in self._learners

    def key(self, id_: bytes) -> bool:
        """Tell whether a key may be gone."""
        return id_ in self._keys

    def compare(self, cursor: Cursor[TupleRow], say: Say) -> None:
        """Compare the tables of erasures with the events."""
        noted = {position: set(learners) for position, learners in cursor.execute(_queries.noted_erasures)}
        for position in sorted(noted.keys() | self._events.keys()):
            event = self._events.get(position)
            if event is None or position not in noted:
                say(f"position {position}", "erasures.position: it isn't where the log has an erasure")
            elif noted[position] != {UUID(bytes=one) for one in event.learners}:
                say(f"position {position}", "erasures.learners: they aren't those of the event")
        destroyed = {id_.bytes for (id_,) in cursor.execute(_queries.destroyed_keys)}
        for id_ in sorted(self._keys ^ destroyed):
            what = "isn't there, though an" if id_ in self._keys else "is there, though no"
            say("destroyed_keys.key_id", f"key {UUID(bytes=id_)} {what} erasure in the log destroyed it")
        said = {
            one.position: (UUID(bytes=one.id), UUID(bytes=one.target), one.voids)
            for event in self._events.values()
            for one in event.references
        }
        kept = {position: tuple(rest) for position, *rest in cursor.execute(_queries.references)}
        for position in sorted(said.keys() | kept.keys()):
            if said.get(position) != kept.get(position):
                say(f"position {position}", "forgotten_references: it isn't what the event of an erasure says")
