"""Reads tables as spreadsheets save them: rows of cells by column name.

RFC 4180 with what spreadsheets make of it: separated by commas, semicolons or tabs; UTF-8 with or without a byte order
mark, or UTF-16 with one; a first line ``sep=;``; empty rows and columns at the end; no-break spaces.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from lrs.errors import Malformed

_SEPARATORS = ",;\t"
_LONGEST_CELL = 100_000


class Row(NamedTuple):
    """One row: the number of its (first) line in the file, and its cells; columns that aren't there are absent."""

    line: int
    cells: dict[str, str]


def read_table(data: bytes, file: str, columns: Sequence[str], aliases: Mapping[str, str]) -> list[Row]:
    """Give the rows of a table with these columns; ``aliases`` are other names of columns. Raises Malformed."""
    text = _decoded(data, file)
    separator, text, skipped = _separator(text)
    rows = list(_rows(text, separator, file, skipped))
    if not rows:
        raise Malformed(f"{file} is empty: its first line names columns, of {', '.join(columns)}")
    (line, header), *rest = rows
    names = [_column(cell, file, line, columns, aliases) for cell in header]
    while names and names[-1] is None:
        names.pop()
    for name in names:
        if name is not None and names.count(name) > 1:
            raise Malformed(f"{file} line {line}: the column {name} is there twice")
    return [Row(line, _cells(names, cells, file, line)) for line, cells in rest if any(cells)]


def _decoded(data: bytes, file: str) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Malformed(f"{file} line {line} is not UTF-8: save it as 'CSV UTF-8' in the spreadsheet") from None


def _separator(text: str) -> tuple[str, str, int]:
    """Find what separates cells; gives it, the text without a line that only says so, and how many lines that were."""
    head, _, rest = text.partition("\n")
    said = head.strip().lower()
    if said.startswith("sep=") and len(said) <= len("sep=;"):
        return (head.strip()[4:] or "\t"), rest, 1
    return max(_SEPARATORS, key=head.count), text, 0


def _rows(text: str, separator: str, file: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = skipped + 1
    csv.field_size_limit(_LONGEST_CELL)
    try:
        for cells in reader:
            # Several lines may be one row, when a cell holds a line break.
            yield line, [cell.replace("\N{NO-BREAK SPACE}", " ").strip() for cell in cells]
            line = skipped + reader.line_num + 1
    except csv.Error as error:
        raise Malformed(f"{file} line {line} can't be read as a table: {error}") from None


def _column(cell: str, file: str, line: int, columns: Sequence[str], aliases: Mapping[str, str]) -> str | None:
    name = "_".join(cell.lower().replace("-", " ").replace("_", " ").split())
    if not name:
        return None
    name = aliases.get(name, name)
    if name not in columns:
        close = get_close_matches(name, columns, n=1)
        meant = f"did you mean {close[0]}?" if close else f"columns are {', '.join(columns)}"
        raise Malformed(f"{file} line {line}: {cell!r} is no column: {meant}")
    return name


def _cells(names: Sequence[str | None], cells: Sequence[str], file: str, line: int) -> dict[str, str]:
    if any(cells[len(names) :]):
        raise Malformed(
            f"{file} line {line} has {len(cells)} cells, the first line {len(names)}: put a cell that holds the "
            'separator between quotes: "…"'
        )
    padded = [*cells, *[""] * (len(names) - len(cells))]
    for name, cell in zip(names, padded, strict=False):
        if name is None and cell:
            raise Malformed(f"{file} line {line}: {cell!r} stands under no column name")
    return {name: cell for name, cell in zip(names, padded, strict=False) if name is not None}
