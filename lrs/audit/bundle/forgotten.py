"""What may be unreadable: what an erasure or a retention rule in the log says so of, and nothing else."""

from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.audit.bundle.parts import Parts
from schemas.erasure import decode_erased

_queries = sql.load(__package__)


class Forgotten:
    """All that the log's erasures made unreadable."""

    def __init__(self, cursor: Cursor[TupleRow]) -> None:
        """Read the erasures of the store."""
        self.keys: set[bytes] = set()
        self._learners: set[bytes] = set()
        self._positions: set[int] = set()
        for _, _, state in cursor.execute(_queries.erasures).fetchall():
            erased = decode_erased(bytes(state))
            self.keys.update(erased.keys)
            self._learners.update(erased.learners)
            self._positions.update(erased.statements)

    def statement(self, position: int, parts: Parts) -> bool:
        """Tell whether a statement may have lost its salt."""
        return position in self._positions or parts.learner in self._learners

    def key(self, id_: bytes) -> bool:
        """Tell whether a key may be gone."""
        return id_ in self.keys

    def key_ids(self) -> list[UUID]:
        """Give the keys that must be gone."""
        return [UUID(bytes=key) for key in sorted(self.keys)]
