"""What is left of statements that can't be read any more: which statement each pointed at.

Nobody finds them by anything they said. But what they voided stays void, and who pointed at something through them is
found by it as before.
"""

from collections.abc import Collection, Iterable
from typing import Final
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.index.entry import Entry, Features
from lrs.log.reader import FORGOTTEN
from lrs.statement import VOIDED
from schemas.erasure import Reference
from schemas.xapi import Account, Actor, Statement, StatementRef, Verb

_queries = sql.load(__package__)
_NOBODY: Final = Actor(object_type="Agent", account=Account(FORGOTTEN, FORGOTTEN))


def remains_at(cursor: Cursor[TupleRow], positions: Collection[int]) -> list[Entry]:
    """Give what is left of the statements at these positions."""
    if not positions:
        return []
    return _entries(cursor.execute(_queries.remains_at, {"positions": list(positions)}))


def remains_of(cursor: Cursor[TupleRow], ids: Collection[UUID], up_to: int) -> list[Entry]:
    """Give what is left of the statements with these ids, recorded at or before a position."""
    if not ids:
        return []
    return _entries(cursor.execute(_queries.remains_of, {"ids": sql.uuids(ids), "up_to": up_to}))


def keep_remains(cursor: Cursor[TupleRow], references: Collection[Reference]) -> None:
    """Write down what is left of statements, in the transaction that makes them unreadable."""
    if references:
        cursor.execute(
            _queries.keep_remains,
            {
                "positions": [one.position for one in references],
                "ids": sql.uuids_of_bytes(one.id for one in references),
                "targets": sql.uuids_of_bytes(one.target for one in references),
                "voids": [one.voids for one in references],
            },
        )


def _entries(rows: Iterable[TupleRow]) -> list[Entry]:
    return [
        Entry(
            position,
            id_,
            Statement(
                actor=_NOBODY,
                verb=Verb(VOIDED if voids else FORGOTTEN),
                object=StatementRef(id=str(target), object_type="StatementRef"),
            ),
            Features([], []),
        )
        for position, id_, target, voids in rows
    ]
