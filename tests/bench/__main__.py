"""Measures and shows: ``python -m tests.bench [--quick] [--record]``."""

import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tests.bench import figures, machine
from tests.bench.figures import Bench, Sizes
from tests.bench.projections import lag, other_database, projection_rates, rebuilds
from tests.bench.proof import proof_rates
from tests.bench.reading import reading
from tests.bench.relay import relay_rates
from tests.bench.replay import replay_rates
from tests.bench.report import Report
from tests.bench.stack import running
from tests.bench.usage import Peak
from tests.bench.usage import memory as memory_now

FULL = Sizes(
    seconds=12, turns=12, small=10_000, large=1_000_000, gets=400, starts=3, warm=400, events=100_000, replayed=10_000
)
QUICK = Sizes(
    seconds=3, turns=12, small=5_000, large=25_000, gets=60, starts=1, warm=100, events=10_000, replayed=1_000
)
_RATE = 500
"""Statements per second sent while lag is measured."""
DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def measure(sizes: Sizes, workers: int, folder: Path, console: Console) -> Report:
    """Measure everything, in a folder of its own for each part."""
    report = Report(console)
    busy = machine.load()
    peak = Peak()
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawning) as sender:
        with running(folder / "writing", workers, followers=False) as stack:
            report.title(f"{machine.described(stack.settings)}; workers {workers}; {busy}")
            bench = Bench(stack, sender, sizes, peak)
            report.add(bench.batches())
            report.add(bench.singles(workers))
            report.add(relay_rates(other_database(stack.settings), stack.settings.nats_url, sizes.events, "relayed"))
            report.add(projection_rates(other_database(stack.settings), sizes.events, "projected"))
            report.add(replay_rates(other_database(stack.settings), sizes.replayed))
        with running(folder / "following", workers) as stack:
            report.add(lag(stack, _RATE, sizes.seconds))
            rest = memory_now(stack)
            report.add(Bench(stack, sender, sizes, peak).followed())
        with (
            running(folder / "few", workers, followers=False) as few,
            running(folder / "reading", workers, followers=False) as stack,
        ):
            for table in reading(Bench(few, sender, sizes, Peak()), Bench(stack, sender, sizes, peak)):
                report.add(table)
            report.add(rebuilds(stack.settings))
            settings = stack.settings
            for table in proof_rates(settings.database(), settings.store, settings.master(), folder):
                report.add(table)
    report.add(figures.memory(rest, peak.memory))
    report.add(figures.starts(sizes, workers, folder))
    return report


def main(
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes, for about a minute.")] = False,
    record: Annotated[bool, typer.Option("--record", help=f"Add the figures to {DOCUMENT.name}.")] = False,
    workers: Annotated[int, typer.Option(help="LRS_WORKERS of the server that is measured.")] = 1,
) -> None:
    """Start the real stack, send real requests, and show each figure beside its limit."""
    with tempfile.TemporaryDirectory(prefix="vw-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # servers run as another account when we are root
        report = measure(QUICK if quick else FULL, workers, Path(folder), Console())
    if record:
        report.record(DOCUMENT)


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
