"""Tables as of a moment: temporary ones, made by folding the log up to there, that the same reads answer from."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from projections.all import projection_named
from projections.replay.batch import effective
from projections.replay.configuration import Configuration
from projections.replay.fold import Broken, fold, rows_of
from projections.replay.tables import Tables, shadow
from schemas.message import Message


def as_of(
    cursor: Cursor[TupleRow],
    projection_name: str,
    messages: Iterable[Message],
    configuration: Iterable[Message],
    learners: Collection[UUID] | None,
) -> None:
    """Make the projection's tables as they would be after these messages; they are gone when the transaction ends.

    ``messages`` are all statements up to a position, or all about these ``learners``; ``configuration`` all changes up
    to there. Only the rows of the persons that these learners are, are made; None: everybody's. What the reads join
    besides (people, teams) stays as it is. Must be called in a transaction; raises KeyError for an unknown projection.
    """
    projection: Any = projection_named(projection_name)
    settings = Configuration.shipped().after(configuration)
    only = None if learners is None else {settings.people.person_of(learner) for learner in learners}
    folded = fold(projection, {}, effective(list(messages), settings), only)
    empty = projection.state()
    rows = {
        person: rows_of(projection, state, person, settings)
        for person, state in folded.states.items()
        if state != empty
    }
    tables = Tables(projection)
    shadow(cursor, [table.name for table in projection.tables])
    tables.write_rows(cursor, {person: one for person, one in rows.items() if not isinstance(one, Broken)})
