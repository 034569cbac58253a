"""Rows as CSV (RFC 4180), safe to open in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any, Final

import msgspec
from msgspec import Struct

MEDIA_TYPE: Final = "text/csv; header=present"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  # full-width ones too


def write(kind: type[Struct], items: Sequence[Struct]) -> bytes:
    """Write items of one kind, a line each; a struct within an item becomes columns, a list one cell."""
    return header(kind) + lines(kind, items)


def header(kind: type[Struct]) -> bytes:
    """Write the names of the columns."""
    return _written([[name for name, _ in _columns(kind)]])


def lines(kind: type[Struct], items: Iterable[Struct]) -> bytes:
    """Write items of one kind, a line each, without the names of the columns."""
    paths = [path for _, path in _columns(kind)]
    return _written([_cell(_value(item, path)) for path in paths] for item in items)


def _written(rows: Iterable[Sequence[str | int | float]]) -> bytes:
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _columns(kind: type[Struct], before: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    for field in msgspec.structs.fields(kind):
        within = _struct(field.type)
        path = (*before, field.name)
        if within is None:
            yield ".".join(path), path
        else:
            yield from _columns(within, path)


def _struct(hint: Any) -> type[Struct] | None:
    """Give the struct a field holds, if it holds one (or nothing)."""
    choices = [hint, *getattr(hint, "__args__", ())] if getattr(hint, "__origin__", None) is None else [hint]
    return next((one for one in choices if isinstance(one, type) and issubclass(one, Struct)), None)


def _value(item: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        item = None if item is None else getattr(item, name)
    return item


def _cell(value: Any) -> str | int | float:
    plain = msgspec.to_builtins(value)
    match plain:
        case None:
            return ""
        case bool():
            return "true" if plain else "false"
        case str():
            return _safe(plain)
        case int() | float():
            return plain
        case list() | tuple() if all(isinstance(one, str | int) for one in plain):
            return _safe(" ".join(map(str, plain)))
    return _safe(msgspec.json.encode(plain).decode())


def _safe(text: str) -> str:
    """Keep a spreadsheet from taking text for a formula (OWASP, CSV Injection)."""
    return f"'{text}" if text.startswith(_FORMULA) else text
