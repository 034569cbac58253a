"""Exports to import, and the command that imports them."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import psycopg
from typer.testing import CliRunner

from lrs.cli.main import app
from lrs.log.lock import lock_of

MASTER = "00" * 32


def statement(**more: Any) -> dict[str, Any]:
    """A statement with an id and a timestamp; a property given as None is left out."""
    made = {
        "id": str(uuid4()),
        "actor": {"mbox": "mailto:ann@example.org"},
        "verb": {"id": "http://example.org/did"},
        "object": {"id": "http://example.org/course"},
        "timestamp": "2021-11-29T23:09:00Z",
        **more,
    }
    return {name: value for name, value in made.items() if value is not None}


def lines(*items: Any) -> bytes:
    """JSON lines."""
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


def many(count: int) -> list[dict[str, Any]]:
    """So many statements, the same for the same number."""
    chance = random.Random(count)
    return [statement(id=str(UUID(int=chance.getrandbits(128), version=4))) for _ in range(count)]


class Outcome(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str

    def count(self, what: str) -> int:
        """A number of the summary."""
        found = [line for line in self.out.splitlines() if line.startswith(what)]
        return int(found[0].removeprefix(what).split()[0].replace(",", ""))


class Lrs:
    """The `lrs` command on a database of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.environment = {"LRS_DATABASE_URL": url, "LRS_MASTER_KEY": MASTER}

    def run(self, *arguments: str, **environment: str) -> Outcome:
        """Run it in this process."""
        done = CliRunner(env={**self.environment, **environment}).invoke(app, arguments, catch_exceptions=False)
        return Outcome(done.exit_code, done.stdout, done.stderr)

    def start(self, *arguments: str, **more: Any) -> "subprocess.Popen[bytes]":
        """Start it as a process."""
        command = [sys.executable, *([] if arguments[0] == "-c" else ["-m", "lrs.cli.main"]), *arguments]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": self.folder}
        environment = {**os.environ, **self.environment, "PYTHONPATH": str(Path.cwd())}
        return subprocess.Popen(command, **{**pipes, "env": environment, **more})

    def imported(self, content: bytes, *arguments: str, name: str = "export") -> Outcome:
        """Import a file with this content."""
        path = self.folder / name
        path.write_bytes(content)
        return self.run("import", str(path), *arguments)

    def refused(self, name: str = "export") -> list[dict[str, Any]]:
        """What was refused of that file."""
        path = self.folder / f"{name}.refused.jsonl"
        return [json.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []

    def count(self) -> int:
        """How many statements there are."""
        with psycopg.connect(self.url) as connection:
            row = connection.execute("SELECT count(*) FROM store_default.stored_events").fetchone()
        return int(row[0]) if row else 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody stores anything in the meantime."""
        with psycopg.connect(self.url) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [lock_of("store_default")])
            yield

    def ids(self) -> list[UUID]:
        """Ids of the statements, in order."""
        with psycopg.connect(self.url) as connection:
            rows = connection.execute("SELECT originator_id FROM store_default.stored_events ORDER BY notification_id")
            return [row[0] for row in rows]
