"""Gathers everything that is held about a person, in one snapshot of the database."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Raw, Struct
from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs import sql
from lrs.access import Access, Looked, accesses_of, looked
from lrs.audit.subject.documents import KeptDocument, documents_of
from lrs.audit.subject.others import Others
from lrs.audit.whose import whose
from lrs.log.messages import MessageLog
from projections.replay.read import organisation_of, rows_held
from schemas.message import Message
from schemas.organisation import Organisation, Period
from schemas.policy import Policy

_queries = sql.load(__package__)
_END: Final = 2**63 - 1
_policy = msgspec.json.Decoder(Policy).decode


class KeptAttachment(Struct, frozen=True):
    """An attachment of a statement; its content can be had by the xAPI."""

    content_type: str
    length: int
    sha2: str
    usage: str
    file_url: str | None
    kept: Annotated[bool, Meta(description="Whether its content is kept here")]


class HeldStatement(Struct, frozen=True, kw_only=True):
    """A statement by the person, or that mentions them."""

    id: UUID
    position: int
    stored: datetime
    relation: Literal["by", "about"]
    voided: bool
    statement: Annotated[Raw, Meta(description="As it was stored, with others only as far as it needs them")]
    attachments: list[KeptAttachment]


class Belonging(Struct, frozen=True):
    """The person is or was in a team, or manages or managed it; days up to and including the last."""

    how: Literal["member", "manager"]
    team: str
    name: str
    first: str | None
    last: str | None


class HeldTable(Struct, frozen=True):
    """What a projection's table says of the person."""

    projection: str
    table: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class LeftOut(Struct, frozen=True):
    """A projection that says nothing of the person, since one of their statements can't be folded."""

    projection: str
    learner: UUID
    position: int
    reason: str


class Held(Struct, frozen=True, kw_only=True):
    """Everything that is held about a person."""

    store: str
    exported: datetime
    position: Annotated[int, Meta(description="Everything up to this position of the log is in it")]
    person: UUID
    learners: Annotated[list[UUID], Meta(description="Ids of the learners that are this person, one an identifier")]
    name: str
    identifiers: tuple[str, ...]
    organisation: Annotated[
        dict[str, Any] | None, Meta(description="Language, time zones, hours, leave, employment; null: not known")
    ]
    teams: list[Belonging]
    statements: list[HeldStatement]
    documents: list[KeptDocument]
    projections: list[HeldTable]
    left_out: list[LeftOut]
    policy: Annotated[Policy, Meta(description="By which statuses and figures are made today")]
    policy_position: Annotated[int, Meta(description="Where the policy was set; 0: as shipped")]
    accesses: Annotated[list[Access], Meta(description="Who looked at these data, the latest first")]
    looked: Annotated[list[Looked], Meta(description="At what of others they looked themselves, the latest first")]
    erasures: Annotated[list[int], Meta(description="Positions at which the person, as they were then, was erased")]


def held(cursor: Cursor[TupleRow], log: MessageLog, who: str) -> Held:
    """Give all that is held about somebody, by any id or identifier. Raises Malformed, NotFound."""
    head = int(sql.one(cursor.execute("SELECT coalesce(max(notification_id), 0) FROM stored_events"))[0])
    configuration = log.configuration(cursor, head)
    subject = whose(cursor, log, who, configuration)
    organisation = organisation_of(configuration)
    entry = organisation.people.get(subject.person)
    policy = next((one for one in reversed(configuration) if one.kind == "policy"), None)
    ids = sorted(subject.ids)
    return Held(
        store=log.store,
        exported=datetime.now(UTC),
        position=head,
        person=subject.person,
        learners=ids,
        name=subject.details.name,
        identifiers=subject.details.identifiers,
        organisation=None if entry is None else msgspec.to_builtins(entry),
        teams=list(_teams(organisation, subject.person)),
        statements=list(_statements(cursor, log, ids, head)),
        documents=documents_of(cursor, log.keyring, ids),
        projections=[HeldTable(*one) for one in rows_held(cursor, ids)],
        left_out=[LeftOut(*row) for row in cursor.execute(_queries.parked, {"learners": ids})],
        policy=Policy() if policy is None else _policy(policy.change),
        policy_position=0 if policy is None else policy.position,
        accesses=accesses_of(cursor, log.keyring, ids),
        looked=looked(cursor, ids),
        erasures=[one.position for one in subject.forgotten],
    )


def _statements(cursor: Cursor[TupleRow], log: MessageLog, ids: Sequence[UUID], head: int) -> Iterator[HeldStatement]:
    digests = {digest for (digest,) in cursor.execute(_queries.digests, {"learners": list(ids)})}
    others = Others(lambda identity: log.keyring.digest("identity", identity) in digests)
    theirs = set(ids)
    for page in log.history(cursor, ids, head):
        found = [one for one in page if one.statement and not theirs.isdisjoint((one.learner, *one.people))]
        voided = {id_ for (id_,) in cursor.execute(_queries.voided, {"ids": [one.id for one in found]})}
        kept = set(cursor.execute(_queries.attachments, {"positions": [one.position for one in found]}).fetchall())
        for one in found:
            yield HeldStatement(
                id=one.id,
                position=one.position,
                stored=one.stored,
                relation="by" if one.learner in theirs else "about",
                voided=one.id in voided,
                statement=Raw(others.without(bytes(one.statement))),
                attachments=_attachments(one, kept),
            )


class _Attached(Struct, rename="camel"):
    usage_type: str
    content_type: str
    length: int
    sha2: str
    file_url: str | None = None


class _Attaching(Struct):
    attachments: list[_Attached] = []


_attaching = msgspec.json.Decoder(_Attaching).decode


def _attachments(message: Message, kept: set[tuple[Any, ...]]) -> list[KeptAttachment]:
    return [
        KeptAttachment(
            one.content_type,
            one.length,
            one.sha2,
            one.usage_type,
            one.file_url,
            # Statements say it in either case; contents are kept under the lower one.
            (message.position, one.sha2.lower()) in kept,
        )
        for one in _attaching(message.statement).attachments
    ]


def _teams(organisation: Organisation, person: UUID) -> Iterator[Belonging]:
    for one in organisation.memberships:
        if one.person == person:
            yield Belonging("member", one.team, _name(organisation, one.team), *_days(one.during))
    for managed in organisation.managements:
        if managed.manager == person:
            yield Belonging("manager", managed.team, _name(organisation, managed.team), *_days(managed.during))


def _name(organisation: Organisation, team: str) -> str:
    return organisation.teams[team].name if team in organisation.teams else ""


def _days(period: Period) -> tuple[str | None, str | None]:
    days = msgspec.to_builtins(period)
    return days.get("first"), days.get("last")
