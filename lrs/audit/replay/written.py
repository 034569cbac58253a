"""Writes a history: as JSON lines, as CSV, as a page to print."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from lrs.audit import html
from lrs.audit.html import shown
from lrs.audit.replay.event import EFFECTS, Change, Effect, Event, FieldChange
from lrs.audit.replay.replay import Replay
from lrs.insights import csv
from schemas.act import ActKind


class Line(Struct, frozen=True, kw_only=True):
    """A changed value, as a line of CSV; an event that changed nothing has one line."""

    position: int
    happened: datetime | None
    stored: datetime
    late: bool
    kind: str
    statement: UUID | None
    effect: Effect
    act: ActKind | None
    verb: str | None
    activity: str | None
    voids: UUID | None
    organisation: int
    policy: int
    vocabulary: int
    projection: str | None = None
    table: str | None = None
    how: str | None = None
    row: str | None = None
    field: str | None = None
    before: str | None = None
    after: str | None = None


def json_lines(events: Iterable[Event]) -> Iterator[bytes]:
    """Write each event as a line of JSON."""
    return (msgspec.json.encode(event) + b"\n" for event in events)


def csv_lines(events: Iterable[Event]) -> Iterator[bytes]:
    """Write each changed value as a line of CSV, safe to open in a spreadsheet; the names of columns come first."""
    yield csv.header(Line)
    for event in events:
        yield csv.lines(Line, lines(event))


def page(replay: Replay, events: Iterable[Event], *, following: str | None = None) -> Iterator[bytes]:
    """Write a page for people to read and print; ``following`` leads to the next one."""
    whose = replay.whose
    data = {
        "name": whose.details.name or str(whose.person),
        "store": replay.store,
        "person": whose.person,
        "learners": sorted(whose.ids),
        "first": replay.bounds.first,
        "last": replay.bounds.last,
        "projections": replay.names,
        "replayed": datetime.now(UTC),
        "events": events,
        "effects": EFFECTS,
        "telling": telling,
        "text": _text,
        "following": following,
    }
    return (part.encode() for part in html.written("replay.html", data))


def lines(event: Event) -> list[Line]:
    """Give an event as lines of CSV."""
    meaning, under = event.meaning, event.under
    line = Line(
        position=event.position,
        happened=event.happened,
        stored=event.stored,
        late=event.late,
        kind=event.kind,
        statement=event.id,
        effect=event.effect,
        act=meaning.kind if meaning else None,
        verb=meaning.verb if meaning else None,
        activity=meaning.activity if meaning else None,
        voids=event.voids,
        organisation=under.organisation,
        policy=under.policy,
        vocabulary=under.vocabulary,
    )
    return [
        msgspec.structs.replace(
            line,
            projection=change.projection,
            table=change.table,
            how=change.how,
            row=row_name(change.row),
            field=field.name,
            before=None if field.before is None else shown(field.before),
            after=None if field.after is None else shown(field.after),
        )
        for change in event.changes
        for field in change.fields
    ] or [line]


def telling(event: Event) -> Iterator[tuple[Change, list[FieldChange]]]:
    """Give the changes that tell people something, with the fields that do.

    Rows hold the position that changed them last: that this is the event's own goes without saying.
    """
    for change in event.changes:
        fields = [field for field in change.fields if field.name != "changed"]
        if fields:
            yield change, fields


def row_name(row: dict[str, object]) -> str:
    """Write what a row is recognised by."""
    return ", ".join(f"{name} {shown(value)}" for name, value in row.items() if name != "learner")


def _text(statement: Raw) -> str:
    return msgspec.json.format(bytes(statement), indent=2).decode()
