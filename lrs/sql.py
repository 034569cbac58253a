"""Reads the named statements of a room's ``queries.sql``, or of another SQL file.

A statement begins with ``-- name: <its name>``; the comment lines that follow describe it.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import LiteralString
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.sql import SQL

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


class Queries:
    """The statements of one file, as attributes."""

    def __init__(self, package: str, file: str) -> None:
        self._place = f"{file} of {package}"
        parts = _NAME.split(read(package, file))
        self._statements = {
            name: SQL(_without_comments(body)) for name, body in zip(parts[1::2], parts[2::2], strict=True)
        }

    def __getattr__(self, name: str) -> SQL:
        try:
            return self._statements[name]
        except KeyError:
            raise AttributeError(f"no statement named {name} in {self._place}") from None


def _without_comments(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if not line.lstrip().startswith("--")).strip()


@cache
def load(package: str, file: str = "queries.sql") -> Queries:
    """Give the statements in ``file`` beside the modules of ``package``."""
    return Queries(package, file)


def read(package: str, file: str) -> LiteralString:
    """Give the whole text of an SQL file beside the modules of ``package``."""
    return files(package).joinpath(file).read_text(encoding="utf-8")


def uuids(ids: Iterable[UUID]) -> str:
    """Write ids as an array, for a parameter that is cast to one: much faster than letting the driver write each."""
    return "{" + ",".join([id_.hex for id_ in ids]) + "}"


def uuids_of_bytes(ids: Iterable[bytes]) -> str:
    """Write ids, or terms and digests that are kept as such, given as 16 bytes."""
    return "{" + ",".join([id_.hex() for id_ in ids]) + "}"


def numbers(values: Iterable[int]) -> str:
    """Write whole numbers as an array, likewise."""
    return "{" + ",".join(map(str, values)) + "}"


def one(cursor: Cursor[TupleRow]) -> TupleRow:
    """Give the row of a statement that always has one."""
    row = cursor.fetchone()
    if row is None:
        raise LookupError("the statement gave no row")
    return row
