"""Keeps and gives back the contents of attachments."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.seal import Keyring

_queries = sql.load(__package__)


class Content(NamedTuple):
    """A sealed content to keep with the statement at ``position``."""

    position: int
    sha2: str
    key_id: UUID
    sealed: bytes


class Attachments:
    """The attachments of one store. A content is bound to its SHA-2."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def add(self, cursor: Cursor[TupleRow], contents: Collection[Content]) -> None:
        """Keep contents, in the transaction that records their statements."""
        if contents:
            # As bytes: a cursor that writes its parameters into the statement takes seconds over megabytes of digits.
            with cursor.connection.cursor() as binding:
                binding.executemany(_queries.add, [content._asdict() for content in contents])

    def of(self, cursor: Cursor[TupleRow], positions: Collection[int]) -> dict[str, bytes]:
        """Give the contents held for these statements, by SHA-2; those of forgotten persons and statements are gone."""
        rows = cursor.execute(_queries.of_statements, {"positions": list(positions)}).fetchall()
        keys = self._keyring.by_id(cursor, {key_id for _, key_id, _, _ in rows})
        return {
            sha2: keys[key_id].unseal(bytes(sealed), sha2.encode(), salt)
            for sha2, key_id, sealed, salt in rows
            if key_id in keys
        }

    def sizes(self, cursor: Cursor[TupleRow], positions: Collection[int]) -> dict[int, int]:
        """Give how many bytes are held for each of these statements that has any."""
        return dict(cursor.execute(_queries.sizes, {"positions": list(positions)}).fetchall())
