"""Puts what was in place of what is: temporary tables, gone with the transaction, that the same reads answer from."""

from collections.abc import Collection, Iterator
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import ClientCursor, Cursor
from psycopg.rows import TupleRow
from psycopg.sql import Identifier

from lrs import sql
from lrs.insights.store import InsightStore
from lrs.log.personal_change import keys_of, opened
from lrs.organisation.tables import TABLES, write_change
from lrs.problem import Problem
from lrs.statement import VOIDED
from projections.replay.read import as_of
from schemas.configuration_event import SealedDetails, decode_configuration_event
from schemas.message import Message

_queries = sql.load(__package__)
_BATCH: Final = 1_000
MOST: Final = 200_000
"""Events that a question about everybody may look back over: it reads them all."""


class _Id(Struct):
    id: str


class _Act(Struct):
    verb: _Id


_verb = msgspec.json.Decoder(_Act).decode
_sealed = msgspec.json.Decoder(dict[UUID, SealedDetails]).decode


def organisation(cursor: Cursor[TupleRow], store: InsightStore, position: int) -> None:
    """Put the organisation as it was known at a position in place of today's; who was erased since isn't in it."""
    states = cursor.execute(_queries.organisation_events, {"up_to": position}).fetchall()
    changes = [decode_configuration_event(bytes(state)) for (state,) in states]
    keys = store.keyring.by_id(cursor, set().union(*map(keys_of, changes)))
    for table in TABLES:
        cursor.execute(_queries.shadow.format(table=Identifier(table)))
    with ClientCursor(cursor.connection) as writing:
        for change in changes:
            write_change(writing, opened(change, keys), _sealed(change.sealed))


def projection(
    cursor: Cursor[TupleRow],
    store: InsightStore,
    name: str,
    position: int,
    learners: Collection[UUID] | None,
    parted: Collection[UUID] = (),
) -> None:
    """Put a projection's tables as of a position in place of today's, for some learners or all. Raises a Problem.

    What the ``parted`` learners did is left out, but for voiding.
    """
    if learners is None:
        statements: Any = _all(cursor, store, position)
    else:
        about = store.log.about(cursor, learners, position)
        statements = [one for one in about if one.learner not in parted or _voids(one)]
    as_of(cursor, name, statements, store.log.configuration(cursor, position), learners)


def _voids(message: Message) -> bool:
    return message.voids is not None or (bool(message.statement) and _verb(message.statement).verb.id == VOIDED)


def _all(cursor: Cursor[TupleRow], store: InsightStore, position: int) -> Iterator[Message]:
    if position > MOST:
        raise Problem(
            400,
            f"as_of is {position} positions into the log: a question about everybody looks back over {MOST} at most; "
            "ask about a team or one person",
        )
    after = 0
    while messages := store.log.after(cursor, after, position, _BATCH):
        yield from messages
        after = messages[-1].position
