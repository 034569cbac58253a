"""What is measured: each function gives one table."""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from lrs.settings import Settings
from tests.bench import limits, noop
from tests.bench.client import Job, Outcome, batch_posts, drive, gets, posts, together
from tests.bench.filters import Filters, sample
from tests.bench.report import Table
from tests.bench.stack import Stack, running, wait_for_answer
from tests.bench.usage import Memory, Peak, processor_seconds, watched

STATEMENTS = "/xapi/statements"
SINGLES = 32
BATCHES = 4
READERS = 8
BATCH = 50
_LOAD_BATCH = 500
_MANY = 6_000
"""Requests per second nobody reaches: how many are made beforehand."""


_TURNS = 12
"""How often what is measured and its limits take turns."""


class Sizes(NamedTuple):
    """How much to measure."""

    seconds: float
    """Of sending, for each throughput."""
    small: int
    large: int
    """Statements in the store when GETs are timed."""
    gets: int
    """Requests of each filter."""
    starts: int
    events: int
    """Statements relayed, and folded by each projection."""
    warm: int
    """Batches sent before timing: most learners are then known, as in a store that is in use."""
    replayed: int
    """Events of the learner whose history is replayed."""


def _limit(name: str, stored: Outcome, limit: Outcome, own: float) -> list[str]:
    return [name, _n(limit.rate), f"{stored.rate / limit.rate:.2f}", *_latency(limit), _n(own)]


class Bench:
    """A running server and the process that sends to it."""

    def __init__(self, stack: Stack, sender: Executor, sizes: Sizes, peak: Peak) -> None:
        self._stack = stack
        self._sender = sender
        self._sizes = sizes
        self._peak = peak
        self._loaded = 0

    def singles(self, workers: int) -> Table:
        """Single POSTs, and in turns with them POSTs that nothing is done with.

        In turns, so that whatever else the machine has to do holds up one as much as the other.
        """
        endpoint = self._stack.endpoint
        seconds = self._sizes.seconds / _TURNS
        spent: dict[str, float] = {}
        outcomes: list[list[Outcome]] = []
        with _noop_server(workers, self._stack.settings) as port:
            nothing = endpoint._replace(port=port)
            for to, path in ((endpoint, STATEMENTS), (nothing, noop.XAPI_PATH), (nothing, noop.PATH)):
                self._send(Job(to.port, partial(posts, to, path, 101, 1_000), SINGLES))
            many = int(_MANY * seconds)
            for turn in range(_TURNS):
                job = partial(posts, endpoint, STATEMENTS, 1_000 + turn, many)
                stored, costs = self._timed(Job(endpoint.port, job, SINGLES, seconds))
                spent = {kind: spent.get(kind, 0.0) + cost for kind, cost in costs.items()}
                unstored = (
                    self._send(Job(port, partial(posts, nothing, path, 103, int(2.5 * many)), SINGLES, seconds))
                    for path in (noop.XAPI_PATH, noop.PATH)
                )
                outcomes.append([stored, *unstored])
        stored, admitted, answered = map(together, zip(*outcomes, strict=True))
        own = [outcome.processor_seconds / len(outcome.latencies) * 1e6 for outcome in (stored, admitted, answered)]
        return Table(
            f"Single POSTs over {SINGLES} connections, durable; in {_TURNS} turns with the limits",
            ["", "requests/s", "stored / limit", "median ms", "p99 ms", "sender µs/request"],
            [
                ["stored", _n(stored.rate), "", *_latency(stored), _n(own[0])],
                _limit("limit: no-op POST to the xAPI", stored, admitted, own[1]),
                _limit("limit: no-op POST beside the xAPI", stored, answered, own[2]),
                [f"(processor ms/request: {_costs(spent, len(stored.latencies))})", *[""] * 5],
            ],
        )

    def batches(self) -> Table:
        """Batches, and in turns with them COPY of the rows they made."""
        settings = self._stack.settings
        endpoint, port = self._stack.endpoint, self._stack.endpoint.port
        self._send(Job(port, partial(batch_posts, endpoint, STATEMENTS, 201, self._sizes.warm, BATCH), BATCHES))
        seconds = self._sizes.seconds / _TURNS
        many = int(3 * _MANY / BATCH * seconds)
        commits = {
            "limit: COPY, all of a turn in one transaction": 0,
            f"limit: COPY, a commit per {BATCH * BATCHES}": BATCH * BATCHES,
            f"limit: COPY, a commit per {BATCH}": BATCH,
        }
        spent: dict[str, float] = {}
        outcomes = []
        copied = dict.fromkeys(commits, 0.0)
        for turn in range(_TURNS):
            before = limits.head(settings)
            job = Job(port, partial(batch_posts, endpoint, STATEMENTS, 2_000 + turn, many, BATCH), BATCHES, seconds)
            stored, costs = self._timed(job)
            outcomes.append(stored)
            spent = {kind: spent.get(kind, 0.0) + cost for kind, cost in costs.items()}
            for name, took in zip(commits, limits.copy_seconds(settings, before, list(commits.values())), strict=True):
                copied[name] += took
        stored = together(outcomes)
        statements = len(stored.latencies) * BATCH
        rates = {name: statements / took for name, took in copied.items()}
        return Table(
            f"Batches of {BATCH} over {BATCHES} connections, durable; in {_TURNS} turns with COPY of the same log and"
            " index rows",
            ["", "statements/s", "stored / limit", "median ms", "p99 ms"],
            [
                ["stored", _n(stored.rate * BATCH), "", *_latency(stored)],
                *([name, _n(rate), f"{stored.rate * BATCH / rate:.2f}", "", ""] for name, rate in rates.items()),
                [f"(processor ms/statement: {_costs(spent, statements)})", *[""] * 4],
            ],
        )

    def followed(self) -> Table:
        """Batches again, while relay and consumers follow: they get what is left of the processors."""
        many = int(3 * _MANY / BATCH * self._sizes.seconds)
        endpoint = self._stack.endpoint
        job = partial(batch_posts, endpoint, STATEMENTS, 203, many, BATCH)
        stored, spent = self._timed(Job(endpoint.port, job, BATCHES, self._sizes.seconds))
        statements = len(stored.latencies) * BATCH
        return Table(
            f"Batches of {BATCH} over {BATCHES} connections, while relay and consumers follow",
            ["", "statements/s", "median ms", "p99 ms"],
            [
                ["stored", _n(statements / stored.seconds), *_latency(stored)],
                [f"(processor ms/statement: {_costs(spent, statements)})", *[""] * 3],
            ],
        )

    def reading(self, say: Callable[[str], None]) -> Iterator[Table]:
        """GETs by each filter at two sizes, and how many pages go out in all."""
        filters = Filters(STATEMENTS, _SEEDS[0], self._sizes.small)
        yield self._load(self._sizes.small, 1)
        say("timing GETs at the smaller size")
        small = self._filtered(filters)
        yield self._load(self._sizes.large, 2)
        say("timing GETs at the larger size")
        large = self._filtered(filters)
        rows = []
        for name, (median, p99) in large.items():
            before = small[name]
            growth = [f"{median / before[0]:.2f}", f"{p99 / before[1]:.2f}"]
            rows.append([name, *map(_ms, before), *map(_ms, (median, p99)), *growth])
        columns = ["filter (limit 50)"]
        columns += [
            f"{what} at {size:,}" for size in (self._sizes.small, self._sizes.large) for what in ("median", "p99")
        ]
        yield Table("GET statements over one connection, ms", [*columns, "growth median", "growth p99"], rows)
        yield self._pages(filters.agents())

    def _pages(self, paths: list[str]) -> Table:
        endpoint, seconds = self._stack.endpoint, self._sizes.seconds
        once = self._send(Job(endpoint.port, partial(gets, endpoint, paths, len(paths)), 1, keep=True))
        job = Job(endpoint.port, partial(gets, endpoint, paths, int(_MANY * seconds)), READERS, seconds)
        given, spent = self._timed(job)
        limit = limits.read_rate(self._stack.settings, once.bodies, 2, seconds)
        return Table(
            f"GET by agent, pages of 50, over {READERS} connections",
            ["", "pages/s", "part of limit", "median ms", "p99 ms"],
            [
                ["given", _n(given.rate), f"{given.rate / limit:.2f}", *_latency(given)],
                ["limit: SQL of the same rows by position, 2 processes", _n(limit), "1", "", ""],
                [f"(processor ms/page: {_costs(spent, len(given.latencies))})", *[""] * 4],
            ],
        )

    def _filtered(self, filters: Filters) -> dict[str, tuple[float, float]]:
        endpoint = self._stack.endpoint
        found = {}
        for one in filters.all(sample(self._stack.settings)):
            self._send(Job(endpoint.port, partial(gets, endpoint, one.paths, len(one.paths)), 1))
            outcome = self._send(Job(endpoint.port, partial(gets, endpoint, one.paths, self._sizes.gets), 1))
            found[one.name] = (outcome.quantile(0.5), outcome.quantile(0.99))
        return found

    def _load(self, up_to: int, connections: int) -> Table:
        """Send statements until there are so many; the first ones are those that ``Filters`` knows."""
        endpoint = self._stack.endpoint
        missing = up_to - self._loaded
        size = min(_LOAD_BATCH, missing)
        seed = _SEEDS[0 if self._loaded == 0 else 1]
        requests = partial(batch_posts, endpoint, STATEMENTS, seed, missing // size, size)
        outcome, _ = self._timed(Job(endpoint.port, requests, connections, lazy=True))
        self._loaded = up_to
        return Table(
            f"Loading up to {up_to:,} statements, batches of {size} over {connections} connections, made while sending",
            ["", "statements/s", "seconds"],
            [["stored", _n(missing / outcome.seconds), _n(outcome.seconds)]],
        )

    def _send(self, job: Job) -> Outcome:
        return self._sender.submit(drive, job).result()

    def _timed(self, job: Job) -> tuple[Outcome, dict[str, float]]:
        before = processor_seconds(self._stack)
        with watched(self._stack, self._peak):
            outcome = self._send(job)
        after = processor_seconds(self._stack)
        spent = {kind: after[kind] - before.get(kind, 0.0) for kind in after}
        return outcome, {**spent, "sender": outcome.processor_seconds}


_SEEDS = (1, 2)


def starts(sizes: Sizes, workers: int, console_folder: Path) -> Table:
    """Time from the command to the first answer, with a new data folder and with one that is there."""
    fresh: list[float] = []
    again: list[float] = []
    for _ in range(sizes.starts):
        with tempfile.TemporaryDirectory(prefix="vw-", dir=console_folder) as folder:
            for times in (fresh, again):
                with running(Path(folder) / "data", workers) as stack:
                    times.append(stack.seconds)
    return Table(
        "`lrs up` to the first answered request, seconds",
        ["", "median", "slowest"],
        [
            [name, f"{statistics.median(times):.2f}", f"{max(times):.2f}"]
            for name, times in (("new data folder", fresh), ("existing data folder", again))
        ],
    )


def memory(rest: dict[str, Memory], peak: dict[str, Memory]) -> Table:
    """Memory at rest (a few thousand statements, nothing to do) and the most while everything above ran."""
    rows = []
    for kind, load in peak.items():
        first = rest[kind]
        rows.append([kind, str(load.processes), *map(_n, (first.rss, first.pss, load.rss, load.pss))])
    return Table(
        "Memory in MiB, processes of a kind together (RSS counts Postgres' shared buffers once per process, PSS once)",
        ["", "processes", "RSS at rest", "PSS at rest", "RSS at most", "PSS at most"],
        rows,
    )


@contextmanager
def _noop_server(workers: int, settings: Settings) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        listener.set_inheritable(True)
        port: int = listener.getsockname()[1]
        environment = {
            "LRS_DATABASE_URL": settings.database(),
            "LRS_MASTER_KEY_FILE": settings.master_key_file,
            "LRS_PORT": str(port),
        }
        command = [sys.executable, "-m", "tests.bench.noop", str(listener.fileno())]
        servers = [
            subprocess.Popen(command, env={**os.environ, **environment}, pass_fds=[listener.fileno()])
            for _ in range(workers)
        ]
        try:
            # A server that dies would leave us waiting in the queue of a socket that is still open.
            wait_for_answer(port, noop.PATH, servers)
            yield port
        finally:
            for server in servers:
                server.terminate()
            for server in servers:
                server.wait()


def _costs(spent: dict[str, float], many: int) -> str:
    return ", ".join(f"{kind} {seconds / many * 1e3:.3f}" for kind, seconds in spent.items() if seconds > 0.01)


def _latency(outcome: Outcome) -> list[str]:
    return [_ms(outcome.quantile(0.5)), _ms(outcome.quantile(0.99))]


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.1f}"


def _n(value: float) -> str:
    return f"{value:,.0f}"
