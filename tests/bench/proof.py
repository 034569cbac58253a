"""How fast the log is signed, proven and checked: ``python -m tests.bench.proof [STATEMENTS]`` for this part alone."""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from rich.console import Console

from lrs.audit.bundle.check import Check
from lrs.audit.bundle.chosen import Wanted, choose
from lrs.audit.bundle.export import Export
from lrs.audit.bundle.live import LiveCheck
from lrs.audit.reading import opened
from lrs.audit.tree import keys, proofs
from lrs.audit.tree.memory import Memory
from lrs.audit.tree.store_notary import StoreNotary, by_nobody
from lrs.local.postgres import Postgres
from lrs.log.datastore import session
from lrs.seal import MasterKey
from lrs.store import create_store, migrate
from lrs.store_name import schema_of
from tests.bench import machine
from tests.bench.relay import _KEY, _fill, _rows, _running
from tests.bench.report import Table

_PROOFS: Final = 1_000
_ORIGIN: Final = "bench.example/log"


def proof_rates(url: str, store: str, master: MasterKey, folder: Path) -> list[Table]:
    """Sign a store that isn't signed yet, prove single events, and check all of it, live and as a bundle."""
    rows = _rows(url, store)
    with _connected(url, store) as connection:
        notary = StoreNotary(store, _ORIGIN, master, Memory(folder / "notary"), by_nobody)
        signing = _timed(lambda: notary.advance(connection))
        size = proofs.served(connection).checkpoint.size
        verifier = keys.keys(connection)[0].verifier
        chosen = random.Random(1)
        inclusion = [
            _timed(lambda: proofs.at_position(connection, chosen.randint(1, size)).text()) for _ in range(_PROOFS)
        ]
        consistency = [
            _timed(lambda: proofs.between(connection, chosen.randint(1, size), size)) for _ in range(_PROOFS)
        ]
    bundle = folder / "bundle"
    with opened(url, store, master) as (cursor, log):
        live = LiveCheck(cursor, log, master, lambda _position, _head: None)
        checking = _timed(live.run)
        export = Export(cursor, log, master, choose(cursor, log, Wanted()), opening=True)
        with bundle.open("wb") as file:
            writing = _timed(lambda: file.writelines(export.lines()))
    check = Check(verifier)
    with bundle.open("rb") as file:
        reading = _timed(lambda: check.run(file))
    if live.problems or check.problems:
        raise RuntimeError(f"what was measured is wrong: {(live.problems + check.problems)[0]}")
    rates = (
        ("limit: reading the rows of the log", size / rows),
        ("leaves into the tree, signed", signing),
        ("checked live: rows, tree, seals opened", checking),
        ("a bundle of all written, opened", writing),
        ("that bundle checked, seals opened", reading),
    )
    return [
        Table(
            f"Signing and checking {size:,} events; the bundle has {bundle.stat().st_size / size:,.0f} bytes an event",
            ["", "events/s", "part of reading rows", "seconds"],
            [
                [name, f"{size / seconds:,.0f}", f"{size / seconds / rows:.2f}", f"{seconds:,.1f}"]
                for name, seconds in rates
            ],
        ),
        Table(
            f"Proofs in a log of {size:,} events, ms",
            ["", "median", "p99"],
            [
                _quantiles("inclusion of one event", inclusion),
                _quantiles("consistency with an earlier size", consistency),
            ],
        ),
    ]


def _quantiles(name: str, seconds: list[float]) -> list[str]:
    return [name, f"{statistics.median(seconds) * 1e3:.2f}", f"{statistics.quantiles(seconds, n=100)[98] * 1e3:.2f}"]


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _connected(url: str, store: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as connection:
        session(connection, schema_of(store))
        yield connection


def main(statements: int) -> None:
    """Start Postgres as `lrs up` does, fill a store, measure, and show."""
    with tempfile.TemporaryDirectory(prefix="vw-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # servers run as another account when we are root
        postgres = Postgres(folder / "postgres", log=folder / "postgres.log")
        program = postgres.program()
        process = _running(program)
        try:
            postgres.create_database()
            migrate(postgres.url())
            create_store(postgres.url(), "default")
            asyncio.run(_fill(postgres.url(), "default", statements))
            Console().print(f"{statements:,} statements; {machine.load()}")
            for table in proof_rates(postgres.url(), "default", MasterKey.parse(_KEY), folder):
                print(table.markdown())
        finally:
            program.stop(process)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
