"""Replays of a world's people, and what the rows are after each event of one."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from lrs.audit.replay import Replay, Span
from lrs.audit.replay.event import Event
from tests.consumers.world import World

Row = dict[str, Any]


@contextmanager
def replaying(world: World, who: UUID | str, span: Span | None = None) -> Iterator[Replay]:
    """A replay in one snapshot."""
    with world.connection.transaction(), world.connection.cursor() as cursor:
        yield Replay(cursor, world.log, str(who), span or Span())


def told(world: World, who: UUID | str, span: Span | None = None) -> list[Event]:
    """All events of a replay."""
    with replaying(world, who, span) as replay:
        return list(replay.events())


def rows_after(events: Iterable[Event], table: str) -> Iterator[tuple[int, list[Row]]]:
    """The rows of a table as the changes that were shown make them, after each event, by its position."""
    rows: dict[str, Row] = {}
    for event in events:
        for change in event.changes:
            if change.table != table:
                continue
            key = str(change.row)
            if change.how == "came":
                assert key not in rows, "a row came that was there"
                rows[key] = dict(change.row)
            row = rows.pop(key) if change.how == "went" else rows[key]
            for field in change.fields:
                if change.how != "came":
                    assert row[field.name] == field.before, "the value before is that of the change before"
                row[field.name] = field.after
        yield event.position, [dict(row) for row in rows.values()]
