"""How fast projections are, beside reading the same rows: ``python -m tests.bench.projections [STATEMENTS]``."""

import asyncio
import multiprocessing
import resource
import sys
import tempfile
import threading
import time
from bisect import bisect_left
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import msgspec
import psycopg
from psycopg.sql import SQL, Identifier
from rich.console import Console

from consumers.database import connect_to_store
from consumers.live import Live
from consumers.rebuild import Rebuild
from lrs.log.messages import MessageLog
from lrs.seal import MasterKey
from lrs.settings import Settings
from lrs.store import create_store, migrate
from projections.all import NAMES, projection_named
from tests.bench.relay import _KEY, _fill, _rows
from tests.bench.report import Table
from tests.bench.stack import Stack, running
from tests.bench.world import World

_MASTER: Final = MasterKey.parse(_KEY)
_REQUEST: Final = 10
"""Statements in a request when lag is measured."""


def projection_rates(database_url: str, statements: int, store: str = "default") -> Table:
    """Fill a new store; then fold it live, and rebuild it: events per second of each projection, and memory."""
    migrate(database_url)
    create_store(database_url, store)
    # While there is no log yet: what follows is folded live, not by a first rebuild.
    for name in NAMES:
        _begin(database_url, store, name)
    asyncio.run(_fill(database_url, store, statements))
    rows = _rows(database_url, store)
    found = [["limit: reading the rows of the log", f"{rows:,.0f}", "1", "", ""]]
    for name in NAMES:
        for what, work in (("live", _live), ("rebuild", _rebuild)):
            rate, memory, _ = _measured(work, database_url, store, name, _KEY)
            found.append(
                [
                    f"{name}, {what}",
                    f"{rate:,.0f}",
                    f"{rate / rows:.2f}",
                    f"{1e3 / rate:.3f}",
                    f"{memory / 1024:,.0f} MB",
                ]
            )
    columns = ["", "events/s", "part of reading rows", "ms/event", "memory at most"]
    return Table(f"Projections over {statements:,} statements, one at a time", columns, found)


def rebuilds(settings: Settings) -> Table:
    """Rebuild the projections of a store that is there: events per second, and memory, which must not grow with it."""
    url, store = settings.database(), settings.store
    key = settings.master_key or Path(settings.master_key_file).read_text(encoding="ascii")
    rows = _rows(url, store)
    found = [["limit: reading the rows of the log", f"{rows:,.0f}", "1", ""]]
    size = 0
    for name in NAMES:
        rate, memory, size = _measured(_rebuild, url, store, name, key)
        found.append([name, f"{rate:,.0f}", f"{rate / rows:.3f}", f"{memory / 1024:,.0f} MB"])
    return Table(f"Rebuilding over {size:,} events", ["", "events/s", "part of reading rows", "memory at most"], found)


def lag(stack: Stack, rate: int, seconds: float) -> Table:
    """Send statements at a rate; gives the time from each acknowledged request to its rows, for each projection."""
    url, store = stack.settings.database(), stack.settings.store
    with connect_to_store(url, store) as connection:
        while connection.execute("SELECT count(*) FROM projection_positions").fetchone() != (len(NAMES),):
            time.sleep(0.05)
    _send(stack, rate, 2)
    heard: dict[str, tuple[list[int], list[float]]] = {name: ([], []) for name in NAMES}
    stopping = threading.Event()
    ears = threading.Thread(target=_listen, args=(url, store, heard, stopping))
    ears.start()
    acknowledged = _send(stack, rate, seconds)
    with connect_to_store(url, store) as connection:
        found = connection.execute("SELECT originator_id, notification_id FROM stored_events").fetchall()
    positions = {id_: position for id_, position in found if id_ in acknowledged}
    head = max(positions.values())
    deadline = time.monotonic() + 60
    while any(not seen or seen[-1] < head for seen, _ in heard.values()) and time.monotonic() < deadline:
        time.sleep(0.05)
    stopping.set()
    ears.join()
    rows = []
    for name, (seen, at) in heard.items():
        lags = [
            max(at[bisect_left(seen, position)] - acknowledged[id_], 0.0) * 1e3
            for id_, position in positions.items()
            if seen and position <= seen[-1]
        ]
        cuts = quantiles(lags, n=100)
        rows.append([name, f"{median(lags):,.0f}", f"{cuts[98]:,.0f}", f"{max(lags):,.0f}", f"{len(lags):,}"])
    sent = len(acknowledged) / seconds
    columns = ["", "median ms", "p99 ms", "most ms", "statements"]
    return Table(f"From acknowledged POST to row, {sent:,.0f} statements/s sent", columns, rows)


def _begin(url: str, store: str, name: str) -> None:
    with connect_to_store(url, store) as connection:
        Live(connection, MessageLog(connection, store, _MASTER), projection_named(name)).load()


def _live(url: str, store: str, name: str, key: str) -> None:
    with connect_to_store(url, store) as connection:
        live = Live(connection, MessageLog(connection, store, MasterKey.parse(key)), projection_named(name))
        live.load()
        live.catch_up()


def _rebuild(url: str, store: str, name: str, key: str) -> None:
    Rebuild(url, store, MasterKey.parse(key), projection_named(name), lambda _reached, _target: None).replace()


def _measured(work: Any, url: str, store: str, name: str, key: str) -> tuple[float, int, int]:
    """Do it in a process of its own; gives events per second, the memory it took at most in KB, and how many events."""
    # Forked from one that has loaded everything, and nothing else: what this process holds isn't counted.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", __name__])
    with context.Pool(1) as pool:
        return pool.apply(_timed, (work, url, store, name, key))


def _timed(work: Any, url: str, store: str, name: str, key: str) -> tuple[float, int, int]:
    began = time.perf_counter()
    work(url, store, name, key)
    took = time.perf_counter() - began
    with connect_to_store(url, store) as connection:
        row = connection.execute("SELECT position FROM projection_positions WHERE name = %s", [name]).fetchone()
    events = row[0] if row else 0
    return events / took, _peak(), events


def _peak() -> int:
    """Give the most memory that this process has held, in KB."""
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage(2) still counts what the process that started this one held.
        return int(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024  # macOS, in bytes


def _send(stack: Stack, rate: int, seconds: float) -> dict[UUID, float]:
    """Send requests at their times; gives when each statement was acknowledged."""
    acknowledged: dict[UUID, float] = {}
    endpoint = stack.endpoint
    batches = World(time.monotonic_ns()).batches(_REQUEST)
    with httpx.Client(auth=(endpoint.key, endpoint.secret), headers={"X-Experience-API-Version": "1.0.3"}) as client:
        began = time.perf_counter()
        for number in range(int(rate * seconds / _REQUEST)):
            time.sleep(max(0.0, began + number * _REQUEST / rate - time.perf_counter()))
            answer = client.post(
                f"http://127.0.0.1:{endpoint.port}/xapi/statements",
                content=next(batches),
                headers={"Content-Type": "application/json"},
            )
            answer.raise_for_status()
            now = time.perf_counter()
            acknowledged.update(dict.fromkeys(msgspec.json.decode(answer.content, type=list[UUID]), now))
    return acknowledged


def _listen(url: str, store: str, heard: dict[str, tuple[list[int], list[float]]], stopping: threading.Event) -> None:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute("LISTEN vliegwiel_projected")
        while not stopping.is_set():
            for notice in connection.notifies(timeout=0.2):
                schema, name, position = notice.payload.split()
                if schema == f"store_{store}" and name in heard:
                    heard[name][0].append(int(position))
                    heard[name][1].append(time.perf_counter())


def main(statements: int) -> None:
    """Measure on servers started as `lrs up` starts them, and show."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="vw-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # servers run as another account when we are root
        with running(folder / "data", 1) as stack:
            console.print(lag(stack, 500, 8).rich())
            console.print(projection_rates(other_database(stack.settings), statements).rich())


def other_database(settings: Settings) -> str:
    """Make a database that nobody else works on; gives its URL."""
    name = f"bench_{uuid4().hex}"
    with psycopg.connect(settings.database(), autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return psycopg.conninfo.make_conninfo(settings.database(), dbname=name)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
