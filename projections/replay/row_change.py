"""What an event changed in the rows of a projection: which came, which went, and which values are others."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from projections.projection import Projection, Rows, Table
from projections.replay.fold import Broken

_Row = tuple[Any, ...]


class RowChange(NamedTuple):
    """A row that came, changed or went; the values by column, of a changed row only those that changed."""

    projection: str
    table: str
    key: Mapping[str, Any]
    """What the row is recognised by."""
    before: Mapping[str, Any] | None
    """None: the row came."""
    after: Mapping[str, Any] | None
    """None: the row went."""


def row_changes(projection: Projection[Any], before: Rows | Broken, after: Rows | Broken) -> Iterator[RowChange]:
    """Give what is other in the rows of one person; of a person who is left out there are none."""
    old, new = ({} if isinstance(rows, Broken) else rows for rows in (before, after))
    for table in projection.tables:
        others = _others(old.get(table.name, ()), new.get(table.name, ()))
        was, now = (_by_key(table, rows) for rows in others)
        for key, row in was.items():
            if key not in now:
                yield RowChange(projection.name, table.name, _recognised(table, row), _values(table, row), None)
        for key, row in now.items():
            there = was.get(key)
            if there is None:
                yield RowChange(projection.name, table.name, _recognised(table, row), None, _values(table, row))
            elif there != row:
                changed = [place for place, value in enumerate(row) if value != there[place]]
                yield RowChange(
                    projection.name,
                    table.name,
                    _recognised(table, row),
                    {table.columns[place]: there[place] for place in changed},
                    {table.columns[place]: row[place] for place in changed},
                )


def _others(old: Sequence[_Row], new: Sequence[_Row]) -> tuple[Sequence[_Row], Sequence[_Row]]:
    """Give two lists without the rows they both begin with, and those they both end with: an event changes few."""
    shorter = min(len(old), len(new))
    begin = next((place for place in range(shorter) if old[place] != new[place]), shorter)
    end = next((place for place in range(shorter - begin) if old[-1 - place] != new[-1 - place]), shorter - begin)
    return old[begin : len(old) - end], new[begin : len(new) - end]


def _by_key(table: Table, rows: Iterable[_Row]) -> dict[tuple[Any, ...], _Row]:
    places = _key_places(table)
    return {tuple(row[place] for place in places): row for row in rows}


def _key_places(table: Table) -> list[int]:
    return [table.columns.index(column) for column in ("learner", *table.key)]


def _recognised(table: Table, row: _Row) -> dict[str, Any]:
    return {table.columns[place]: row[place] for place in _key_places(table)}


def _values(table: Table, row: _Row) -> dict[str, Any]:
    keys = set(_key_places(table))
    return {
        column: value for place, (column, value) in enumerate(zip(table.columns, row, strict=True)) if place not in keys
    }
