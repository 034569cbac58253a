"""How a reader is known at the moment they look: what is noted later mustn't name who was erased in between."""

from typing import NamedTuple
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.access.reader import Reader
from lrs.seal import Keyring

_queries = sql.load(__package__)


class Known(NamedTuple):
    """A reader with an identifier, as the store knew them."""

    key_id: UUID | None
    """Their key; None: nobody knew them yet."""
    erased: int
    """Position of the last erasure of a person until then; 0: there was none."""


def known(cursor: Cursor[TupleRow], keyring: Keyring, reader: Reader) -> Known | None:
    """Give how a reader is known now, or in the cursor's snapshot; None: they have no identifier."""
    if reader.identity is None:
        return None
    digest = keyring.digest("identity", reader.identity)
    return Known(*sql.one(cursor.execute(_queries.known, {"digest": digest})))
