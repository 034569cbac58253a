"""Reads the named statements of a package's ``queries.sql``.

A statement begins with ``-- name: <its name>``; the comment lines that follow describe it.
"""

import re
from importlib.resources import files
from typing import LiteralString

from psycopg.sql import SQL

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


class Queries:
    """The statements of one file, as attributes."""

    def __init__(self, package: str, text: LiteralString) -> None:
        self._package = package
        parts = _NAME.split(text)
        self._statements = {
            name: SQL(_without_comments(body)) for name, body in zip(parts[1::2], parts[2::2], strict=True)
        }

    def __getattr__(self, name: str) -> SQL:
        try:
            return self._statements[name]
        except KeyError:
            raise AttributeError(f"no statement named {name} in the SQL file of {self._package}") from None


def _without_comments(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if not line.lstrip().startswith("--")).strip()


def load(package: str, file: str = "queries.sql") -> Queries:
    """Give the statements in ``file`` beside the modules of ``package``."""
    return Queries(package, files(package).joinpath(file).read_text(encoding="utf-8"))
