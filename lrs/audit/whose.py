"""Whose history, data or record is asked for: a person, by any id or identifier of theirs."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import json
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.errors import Malformed, NotFound
from lrs.log.messages import MessageLog
from lrs.organisation.identifier import HOW, parse_identifier
from lrs.organisation.sealing import open_details
from projections.replay.read import People, organisation_of
from schemas.configuration_event import Details, SealedDetails
from schemas.message import Message
from schemas.organisation import OrganisationChange

_queries = sql.load(__package__)
_change = json.Decoder(OrganisationChange).decode


class Forgotten(NamedTuple):
    """The person, or one of the learners they were, was erased."""

    position: int
    stored: datetime


class Whose(NamedTuple):
    """A person, as the organisation knows them at the end of what is looked at."""

    person: UUID
    ids: frozenset[UUID]
    """The person's, and those of all learners that are this person."""
    learners: frozenset[UUID]
    """These, and learners that once were this person."""
    details: Details
    """Their name and identifiers, as far as the organisation knows them today."""
    forgotten: Sequence[Forgotten]


def whose(cursor: Cursor[TupleRow], log: MessageLog, text: str, configuration: Sequence[Message]) -> Whose:
    """Find whom a text names; ``configuration`` is all of it, up to where one looks. Raises Malformed, NotFound."""
    learner = _learner(cursor, log, text.strip())
    people = People(organisation_of(configuration))
    person = people.person_of(learner)
    ids = {learner, person, *people.learners_of(person)}
    once = {
        one
        for message in configuration
        if message.kind == "organisation"
        for known in _change(message.change).people
        if known.id in ids
        for one in known.learners
    }
    forgotten = [Forgotten(*row) for row in cursor.execute(_queries.forgotten, {"learners": list(ids)})]
    return Whose(person, frozenset(ids), frozenset(ids | once), _details(cursor, log, person), forgotten)


def _learner(cursor: Cursor[TupleRow], log: MessageLog, text: str) -> UUID:
    try:
        learner = UUID(text)
    except ValueError:
        return _identified(cursor, log, text)
    if not sql.one(cursor.execute(_queries.is_known, {"learner": learner}))[0]:
        raise NotFound(f"there is no learner or person {learner} in this store, and there never was")
    return learner


def _identified(cursor: Cursor[TupleRow], log: MessageLog, text: str) -> UUID:
    try:
        identity = parse_identifier(text)
    except ValueError:
        raise Malformed(f"{text[:100]!r} names nobody: give the id of a learner or person, or {HOW}") from None
    row = cursor.execute(_queries.learner_of, {"digest": log.keyring.digest("identity", identity)}).fetchone()
    if row is None:
        raise NotFound(
            f"no statement and no entry of the organisation is about {text[:100]}; somebody who was erased can be "
            "found by their id only"
        )
    learner: UUID = row[0]
    return learner


def _details(cursor: Cursor[TupleRow], log: MessageLog, person: UUID) -> Details:
    row = cursor.execute(_queries.sealed_details, {"person": person}).fetchone()
    if row is None:
        return Details()
    return open_details(cursor, log.keyring, {person: SealedDetails(row[0], bytes(row[1]))}).get(person, Details())
