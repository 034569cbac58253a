"""Rules of ARCHITECTURE.md that an import linter can't express."""

import ast
import re
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
_PERSISTENCE = ("eventsourcing.persistence", "eventsourcing.postgres", "eventsourcing.sqlite", "eventsourcing.popo")


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def test_only_the_log_imports_eventsourcings_persistence() -> None:
    files = (file for part in ("lrs", "schemas", "projections", "consumers") for file in (ROOT / part).rglob("*.py"))
    outside = [file for file in files if not file.is_relative_to(ROOT / "lrs" / "log")]
    assert [str(file) for file in outside if any(name.startswith(_PERSISTENCE) for name in _imports(file))] == []


_OPEN_TO_CONSUMERS = "command errors log migrated nats_connection seal settings start stopping store_name"


@pytest.mark.parametrize(
    ("contract", "open_to_it"), [("consumers", _OPEN_TO_CONSUMERS), ("statement", "statement errors")]
)
def test_a_new_room_is_closed_until_somebody_opens_it(contract: str, open_to_it: str) -> None:
    linter = ConfigParser()
    linter.read(ROOT / ".importlinter")
    closed = linter[f"importlinter:contract:{contract}"]["forbidden_modules"].split()
    # What has no room of its own is for all.
    rooms = {one.stem for one in (ROOT / "lrs").iterdir() if one.suffix in {"", ".py"} and one.stem[0] != "_"}
    rooms -= {"known", "batched"}
    assert {f"lrs.{room}" for room in rooms - set(open_to_it.split())} == {
        name for name in closed if name.startswith("lrs.")
    }


def test_the_table_of_rooms_has_them_all() -> None:
    said = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    lrs = {f"lrs/{one.name}" for one in (ROOT / "lrs").glob("*.py")} | {
        f"lrs/{one.parent.name}/" for one in (ROOT / "lrs").glob("*/__init__.py")
    }
    assert {one for one in lrs - {"lrs/__init__.py"} if f"`{one}" not in said} == set()


def test_the_table_of_tables_has_them_all() -> None:
    said = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    made = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)")
    files = [file for suffix in ("sql", "py") for file in (ROOT / "lrs").rglob(f"*.{suffix}")]
    tables = {name for file in files for name in made.findall(file.read_text(encoding="utf-8"))}
    assert len(tables) > 20
    assert {table for table in tables if f"`{table}`" not in said} == set()


_OF_WORDS = {"msgspec", "schemas"}


def test_schemas_import_nothing_but_msgspec() -> None:
    """The linter only names a few others: what isn't named would pass."""
    imported = {name.partition(".")[0] for file in (ROOT / "schemas").rglob("*.py") for name in _imports(file)}
    assert imported - _OF_WORDS <= sys.stdlib_module_names


def _patterns(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
            yield ast.unparse(node.args[0])


def test_no_pattern_repeats_a_group_possessively() -> None:
    """Python 3.11.2, Debian 12's, gets that wrong (https://github.com/python/cpython/issues/106052)."""
    repeated = re.compile(r"\)([*+?]|\{\d*,?\d*\})\+")
    assert repeated.search(r'"(?:[^"]+|\\.)*+"')
    files = [file for part in ("lrs", "schemas", "projections", "consumers") for file in (ROOT / part).rglob("*.py")]
    patterns = [pattern for file in files for pattern in _patterns(file)]
    assert len(patterns) > 20
    assert [pattern for pattern in patterns if repeated.search(pattern)] == []
