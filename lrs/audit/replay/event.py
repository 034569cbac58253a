"""An event of a history, as it is shown: when it happened, when we knew, what it meant, what it changed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Raw, Struct

from projections.replay.read import Known, Step
from schemas.act import ActKind
from schemas.message import Message
from schemas.organisation import Management, Membership
from schemas.vocabulary import VerbMeaning

Effect = Literal[
    "counts",
    "unknown verb",
    "no learning act",
    "of somebody else",
    "voids",
    "was voided",
    "forgotten",
    "breaks",
    "configuration",
    "erased",
]
EFFECTS: dict[Effect, str] = {
    "counts": "a learning act that counts",
    "unknown verb": "a verb that the vocabulary gives no meaning",
    "no learning act": "known, and no learning act",
    "of somebody else": "mentions the person, and is no act of or for them",
    "voids": "takes another statement back",
    "was voided": "what voids it came before it: it never counted",
    "forgotten": "it can't be read any more, as who said it was erased or it expired; it changes nothing now",
    "breaks": "it broke the reading, so that a projection leaves the person out",
    "configuration": "organisation, policy or vocabulary changed",
    "erased": "the person was forgotten: what came before can't be read any more",
}
"""Each effect in words."""


class Under(Struct, frozen=True):
    """Which configuration was in force: the position in the log of the last change of each; 0: as shipped."""

    organisation: int
    policy: int
    vocabulary: int


class Meaning(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a statement was taken to mean."""

    kind: ActKind
    verb: str
    entry: Annotated[
        VerbMeaning | None, Meta(description="The entry of the vocabulary it was read by; null: it has none")
    ]
    actor: UUID
    activity: str
    concerns: tuple[UUID, ...] = ()


class FieldChange(Struct, frozen=True):
    """A value of a row, before and after; null: there was no row, or no value."""

    name: str
    before: Any
    after: Any


class Change(Struct, frozen=True, kw_only=True):
    """A row of a projection, or of what the organisation knows of the person, that changed."""

    projection: str
    table: str
    how: Literal["came", "changed", "went"]
    row: Annotated[dict[str, Any], Meta(description="What the row is recognised by")]
    fields: list[FieldChange]


class LeftOut(Struct, frozen=True):
    """A projection that says nothing of the person from here on."""

    projection: str
    person: UUID
    reason: str


class Event(Struct, frozen=True, kw_only=True):
    """An event and what it did."""

    position: int
    stored: Annotated[datetime, Meta(description="When we knew")]
    happened: Annotated[datetime | None, Meta(description="When it happened: the statement's own timestamp")]
    late: Annotated[bool, Meta(description="Whether something that happened later was known already")]
    kind: Literal["statement", "organisation", "policy", "vocabulary", "erasure"]
    id: Annotated[UUID | None, Meta(description="Of the statement")]
    effect: Effect
    meaning: Meaning | None
    voids: Annotated[UUID | None, Meta(description="The statement it takes back")]
    refers: Annotated[tuple[UUID, ...], Meta(description="Statements it points at")]
    referred_by: Annotated[
        tuple[UUID, ...], Meta(description="Earlier statements that point at it: they mean more now that it is known")
    ]
    under: Annotated[Under, Meta(description="The configuration in force, this event included")]
    changes: list[Change]
    left_out: list[LeftOut]
    statement: Annotated[Raw | None, Meta(description="As it was stored")]


class _Timed(Struct):
    timestamp: datetime | None = None


_timed = msgspec.json.Decoder(_Timed).decode


def event_of(step: Step) -> Event:
    """Give a step of a history as it is shown."""
    message, act = step.message, step.act
    return Event(
        position=message.position,
        stored=message.stored,
        happened=act.at if act else _happened(message),
        late=step.late,
        kind=message.kind,
        id=message.id if message.kind == "statement" else None,
        effect=_effect(step),
        meaning=None
        if act is None
        else Meaning(
            kind=act.kind,
            verb=act.verb,
            entry=step.entry,
            actor=act.actor,
            activity=act.activity,
            concerns=act.concerns,
        ),
        voids=step.voids,
        refers=tuple(id_ for id_ in step.refers if id_ != step.voids),
        referred_by=step.referred_by,
        under=Under(*step.under),
        changes=[*_known_changes(*step.known), *map(_row_change, step.changes)],
        left_out=[LeftOut(one.projection, one.person, one.broken.reason) for one in step.left_out],
        statement=message.statement or None,
    )


def erasure(position: int, stored: datetime, under: Under) -> Event:
    """Give the event that the person was forgotten."""
    return Event(
        position=position,
        stored=stored,
        happened=None,
        late=False,
        kind="erasure",
        id=None,
        effect="erased",
        meaning=None,
        voids=None,
        refers=(),
        referred_by=(),
        under=under,
        changes=[],
        left_out=[],
        statement=None,
    )


def _happened(message: Message) -> datetime | None:
    if not message.statement:
        return None
    try:
        return _timed(message.statement).timestamp
    except msgspec.ValidationError:  # a leap second, say, which a datetime can't hold
        return None


def _effect(step: Step) -> Effect:
    message, act = step.message, step.act
    # The first that is so says most.
    said: list[tuple[bool, Effect]] = [
        (message.kind != "statement", "configuration"),
        (not message.statement, "forgotten"),
        (bool(step.error or step.left_out), "breaks"),
        (step.voids is not None, "voids"),
        (step.voided, "was voided"),
        (act is None, "no learning act"),
        (act is not None and act.kind is ActKind.UNKNOWN, "unknown verb"),
        (step.counts, "counts"),
    ]
    return next((effect for so, effect in said if so), "of somebody else")


def _row_change(change: Any) -> Change:
    before, after = change.before, change.after
    names = before or after or {}
    return Change(
        projection=change.projection,
        table=change.table,
        how="came" if before is None else "went" if after is None else "changed",
        row=_plain(change.key),
        fields=[FieldChange(name, _plain((before or {}).get(name)), _plain((after or {}).get(name))) for name in names],
    )


def _known_changes(before: Known, after: Known) -> list[Change]:
    """Give what the organisation knows of the person otherwise than before."""
    if before == after:
        return []
    found: list[Change] = []
    old, new = (_plain(one.person) if one.person else None for one in (before, after))
    if old != new:
        names = sorted({*(old or {}), *(new or {})} - {"id"})
        fields = [FieldChange(name, (old or {}).get(name), (new or {}).get(name)) for name in names]
        found.append(
            Change(
                projection="organisation",
                table="people",
                how="came" if old is None else "went" if new is None else "changed",
                row={"person": (new or old or {})["id"]},
                fields=[one for one in fields if one.before != one.after],
            )
        )
    for table in ("memberships", "managements"):
        had, has = set(getattr(before, table)), set(getattr(after, table))
        found += [_held(table, one, came=False) for one in _in_order(had - has)]
        found += [_held(table, one, came=True) for one in _in_order(has - had)]
    return found


def _held(table: str, one: Membership | Management, *, came: bool) -> Change:
    days = _plain(one.during)
    return Change(
        projection="organisation",
        table=table,
        how="came" if came else "went",
        row={"team": one.team},
        fields=[
            FieldChange(name, None if came else days.get(name), days.get(name) if came else None)
            for name in ("first", "last")
        ],
    )


def _in_order(held: Iterable[Any]) -> list[Any]:
    return sorted(held, key=lambda one: (one.team, str(one.during)))


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)
