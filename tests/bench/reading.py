"""How long GETs take, and whether that grows with the store."""

import statistics
from collections.abc import Iterator
from functools import partial

from msgspec import json

from tests.bench import limits
from tests.bench.cells import added, cost, latency, milliseconds, number
from tests.bench.client import Job, Outcome, gets, together
from tests.bench.figures import MANY, SEEDS, STATEMENTS, Bench
from tests.bench.filters import Filters, sample
from tests.bench.report import Table

_READERS = 8


def reading(few: Bench, many: Bench) -> Iterator[Table]:
    """GETs by each filter at two sizes, and how many pages go out in all.

    Two servers, of which one holds more statements, and first of all those that the other holds. They take turns, so
    that a machine whose speed changes doesn't look like growth.
    """
    sizes = many.sizes
    yield few.load(sizes.small, 1)
    many.load(sizes.small, 1)
    yield many.load(sizes.large, 2)
    filters = Filters(STATEMENTS, SEEDS[0], sizes.small)
    drawn = (filters.all(sample(bench.stack.settings)) for bench in (few, many))
    rows = []
    for one, other in zip(*drawn, strict=True):
        asked = [_Asked(few, one.paths), _Asked(many, other.paths)]
        smaller, larger = _in_turns(sizes.gets, asked)
        times = [outcome.quantile(part) for outcome in (smaller, larger) for part in (0.5, 0.99)]
        growth = [f"{times[2] / times[0]:.2f}", f"{times[3] / times[1]:.2f}"]
        pages = " → ".join(f"{each.statements():.0f}" for each in asked)
        rows.append([one.name, *map(milliseconds, times), *growth, pages])
    columns = ["filter (limit 50)"]
    columns += [f"{what} at {size:,}" for size in (sizes.small, sizes.large) for what in ("median", "p99")]
    yield Table("GET statements over one connection, ms", [*columns, "growth median", "growth p99", "on a page"], rows)
    yield _pages(many, filters.agents())


class _Asked:
    """A server, and what it is asked: each path once in a turn."""

    def __init__(self, bench: Bench, paths: list[str]) -> None:
        self._bench = bench
        self.paths = paths
        self._job = Job(bench.stack.endpoint.port, partial(gets, bench.stack.endpoint, paths, len(paths)), 1)

    def statements(self) -> float:
        """Give how many statements it answers, on average."""
        answers = [json.decode(body) for body in self._bench.send(self._job._replace(keep=True)).bodies]
        return statistics.mean(len(answer.get("statements", [answer])) for answer in answers)

    def turn(self) -> Outcome:
        """Ask."""
        return self._bench.send(self._job)


def _in_turns(times: int, asked: list[_Asked]) -> Iterator[Outcome]:
    """Ask one server after the other; not counting the first turn."""
    turns = max(1, times // max(len(one.paths) for one in asked))
    outcomes = [[one.turn() for one in asked] for _ in range(turns + 1)]
    return map(together, zip(*outcomes[1:], strict=True))


def _pages(bench: Bench, paths: list[str]) -> Table:
    endpoint, seconds = bench.stack.endpoint, bench.sizes.seconds / bench.sizes.turns
    once = bench.send(Job(endpoint.port, partial(gets, endpoint, paths, len(paths)), 1, keep=True))
    job = Job(endpoint.port, partial(gets, endpoint, paths, int(MANY * seconds)), _READERS, seconds)
    spent: dict[str, float] = {}
    outcomes = []
    rates = []
    for _ in range(bench.sizes.turns):
        outcome, more = bench.timed(job)
        outcomes.append(outcome)
        spent = added(spent, more)
        rates.append(limits.read_rate(bench.stack.settings, once.bodies, 2, seconds))
    given, limit = together(outcomes), statistics.mean(rates)
    return Table(
        f"GET by agent, pages of 50, over {_READERS} connections; in {bench.sizes.turns} turns with the limit",
        ["", "pages/s", "part of limit", "median ms", "p99 ms"],
        [
            ["given", number(given.rate), f"{given.rate / limit:.2f}", *latency(given)],
            ["limit: SQL of the same rows by position, 2 processes", number(limit), "1", "", ""],
            [f"(processor ms/page: {cost(spent, len(given.latencies))})", *[""] * 4],
        ],
    )
