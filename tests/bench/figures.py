"""What is measured: each function gives one table."""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from lrs.local.listener import listen
from lrs.settings import Settings
from tests.bench import limits, noop
from tests.bench.cells import added, cost, latency, number
from tests.bench.client import Job, Outcome, batch_posts, drive, posts, together
from tests.bench.report import Table
from tests.bench.stack import Stack, running, wait_for_answer
from tests.bench.usage import Memory, Peak, processor_seconds, watched

STATEMENTS = "/xapi/statements"
SINGLES = 32
BATCHES = 4
BATCH = 50
_LOAD_BATCH = 500
SEEDS = (1, 2)
"""Of the first statements that are loaded, and of all others."""
MANY = 6_000
"""Requests per second nobody reaches: how many are made beforehand."""


class Sizes(NamedTuple):
    """How much to measure."""

    seconds: float
    """Of sending, for each throughput."""
    turns: int
    """How often what is measured and its limits take turns."""
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
    return [name, number(limit.rate), f"{stored.rate / limit.rate:.2f}", *latency(limit), number(own)]


class Bench:
    """A running server and the process that sends to it."""

    def __init__(self, stack: Stack, sender: Executor, sizes: Sizes, peak: Peak) -> None:
        self.stack = stack
        self._sender = sender
        self.sizes = sizes
        self._peak = peak
        self._loaded = 0

    def singles(self, workers: int) -> Table:
        """Single POSTs, and in turns with them POSTs that nothing is done with.

        In turns, so that whatever else the machine has to do holds up one as much as the other.
        """
        endpoint = self.stack.endpoint
        seconds = self.sizes.seconds / self.sizes.turns
        spent: dict[str, float] = {}
        outcomes: list[list[Outcome]] = []
        with _noop_server(workers, self.stack.settings) as port:
            nothing = endpoint._replace(port=port)
            for to, path in ((endpoint, STATEMENTS), (nothing, noop.XAPI_PATH), (nothing, noop.PATH)):
                self.send(Job(to.port, partial(posts, to, path, 101, 1_000), SINGLES))
            many = int(MANY * seconds)
            for turn in range(self.sizes.turns):
                job = partial(posts, endpoint, STATEMENTS, 1_000 + turn, many)
                stored, costs = self.timed(Job(endpoint.port, job, SINGLES, seconds))
                spent = added(spent, costs)
                unstored = (
                    self.send(Job(port, partial(posts, nothing, path, 103, int(2.5 * many)), SINGLES, seconds))
                    for path in (noop.XAPI_PATH, noop.PATH)
                )
                outcomes.append([stored, *unstored])
        stored, admitted, answered = map(together, zip(*outcomes, strict=True))
        own = [outcome.processor_seconds / len(outcome.latencies) * 1e6 for outcome in (stored, admitted, answered)]
        return Table(
            f"Single POSTs over {SINGLES} connections, durable; in {self.sizes.turns} turns with the limits",
            ["", "requests/s", "stored / limit", "median ms", "p99 ms", "sender µs/request"],
            [
                ["stored", number(stored.rate), "", *latency(stored), number(own[0])],
                _limit("limit: no-op POST to the xAPI", stored, admitted, own[1]),
                _limit("limit: no-op POST beside the xAPI", stored, answered, own[2]),
                [f"(processor ms/request: {cost(spent, len(stored.latencies))})", *[""] * 5],
            ],
        )

    def batches(self) -> Table:
        """Batches, and in turns with them COPY of the rows they made."""
        settings = self.stack.settings
        endpoint, port = self.stack.endpoint, self.stack.endpoint.port
        self.send(Job(port, partial(batch_posts, endpoint, STATEMENTS, 201, self.sizes.warm, BATCH), BATCHES))
        seconds = self.sizes.seconds / self.sizes.turns
        many = int(3 * MANY / BATCH * seconds)
        commits = {
            "limit: COPY, all of a turn in one transaction": 0,
            f"limit: COPY, a commit per {BATCH * BATCHES}": BATCH * BATCHES,
            f"limit: COPY, a commit per {BATCH}": BATCH,
        }
        spent: dict[str, float] = {}
        outcomes = []
        copied = dict.fromkeys(commits, 0.0)
        for turn in range(self.sizes.turns):
            before = limits.head(settings)
            job = Job(port, partial(batch_posts, endpoint, STATEMENTS, 2_000 + turn, many, BATCH), BATCHES, seconds)
            stored, costs = self.timed(job)
            outcomes.append(stored)
            spent = added(spent, costs)
            for name, took in zip(commits, limits.copy_seconds(settings, before, list(commits.values())), strict=True):
                copied[name] += took
        stored = together(outcomes)
        statements = len(stored.latencies) * BATCH
        rates = {name: statements / took for name, took in copied.items()}
        return Table(
            f"Batches of {BATCH} over {BATCHES} connections, durable; in {self.sizes.turns} turns with COPY of the same"
            " log and index rows",
            ["", "statements/s", "stored / limit", "median ms", "p99 ms"],
            [
                ["stored", number(stored.rate * BATCH), "", *latency(stored)],
                *([name, number(rate), f"{stored.rate * BATCH / rate:.2f}", "", ""] for name, rate in rates.items()),
                [f"(processor ms/statement: {cost(spent, statements)})", *[""] * 4],
            ],
        )

    def followed(self) -> Table:
        """Batches again, while relay and consumers follow: they get what is left of the processors."""
        many = int(3 * MANY / BATCH * self.sizes.seconds)
        endpoint = self.stack.endpoint
        job = partial(batch_posts, endpoint, STATEMENTS, 203, many, BATCH)
        stored, spent = self.timed(Job(endpoint.port, job, BATCHES, self.sizes.seconds))
        statements = len(stored.latencies) * BATCH
        return Table(
            f"Batches of {BATCH} over {BATCHES} connections, while relay and consumers follow",
            ["", "statements/s", "median ms", "p99 ms"],
            [
                ["stored", number(statements / stored.seconds), *latency(stored)],
                [f"(processor ms/statement: {cost(spent, statements)})", *[""] * 3],
            ],
        )

    def load(self, up_to: int, connections: int) -> Table:
        """Send statements until there are so many; the first ones are those that ``Filters`` knows."""
        endpoint = self.stack.endpoint
        missing = up_to - self._loaded
        size = min(_LOAD_BATCH, missing)
        seed = SEEDS[0 if self._loaded == 0 else 1]
        requests = partial(batch_posts, endpoint, STATEMENTS, seed, missing // size, size)
        outcome, _ = self.timed(Job(endpoint.port, requests, connections, lazy=True))
        self._loaded = up_to
        return Table(
            f"Loading up to {up_to:,} statements, batches of {size} over {connections} connections, made while sending",
            ["", "statements/s", "seconds"],
            [["stored", number(missing / outcome.seconds), number(outcome.seconds)]],
        )

    def send(self, job: Job) -> Outcome:
        """Have a job done."""
        return self._sender.submit(drive, job).result()

    def timed(self, job: Job) -> tuple[Outcome, dict[str, float]]:
        """Have a job done; gives also the processor seconds that each kind of process spent."""
        before = processor_seconds(self.stack)
        with watched(self.stack, self._peak):
            outcome = self.send(job)
        after = processor_seconds(self.stack)
        spent = {kind: after[kind] - before.get(kind, 0.0) for kind in after}
        return outcome, {**spent, "sender": outcome.processor_seconds}


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
        rows.append([kind, str(load.processes), *map(number, (first.rss, first.pss, load.rss, load.pss))])
    return Table(
        "Memory in MiB, processes of a kind together (RSS counts Postgres' shared buffers once per process, PSS once)",
        ["", "processes", "RSS at rest", "PSS at rest", "RSS at most", "PSS at most"],
        rows,
    )


@contextmanager
def _noop_server(workers: int, settings: Settings) -> Iterator[int]:
    with listen("127.0.0.1", 0, workers) as listeners:
        port: int = listeners[0].getsockname()[1]
        environment = {
            "LRS_DATABASE_URL": settings.database(),
            "LRS_MASTER_KEY_FILE": settings.master_key_file,
            "LRS_PORT": str(port),
        }
        servers = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.bench.noop", str(listener.fileno())],
                env={**os.environ, **environment},
                pass_fds=[listener.fileno()],
            )
            for listener in listeners
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
