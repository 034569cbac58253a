"""The benchmark itself works: every table comes out, whatever the figures."""

import io
import tempfile
from pathlib import Path

import pytest
from rich.console import Console

from tests.bench.__main__ import measure
from tests.bench.figures import Sizes
from tests.bench.world import World

_TINY = Sizes(seconds=0.1, turns=2, small=600, large=1_200, gets=3, starts=1, warm=2, events=500, replayed=120)


@pytest.mark.timeout(900)  # as much as ten others
def test_every_figure_is_measured_and_can_be_recorded(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    # A short path, because a socket's may not be long; open to others, because servers run as another account for root.
    with tempfile.TemporaryDirectory(prefix="vw-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        report = measure(_TINY, 1, Path(folder), Console(file=io.StringIO()))
    report.record(document)

    titles = " / ".join(table.title for table in report.tables)
    measured = ("Batches", "Single POSTs", "GET statements", "GET by agent", "Memory", "first answered request")
    for part in (
        *measured,
        "to row",
        "while relay and consumers follow",
        "Relaying",
        "Projections",
        "Replaying",
        "Rebuilding",
        "Signing",
        "Proofs",
    ):
        assert part in titles
        assert part in document.read_text(encoding="utf-8")
    assert all(len(row) == len(table.columns) for table in report.tables for row in table.rows)


def test_the_same_seed_makes_the_same_statements_and_another_seed_others() -> None:
    first, again, other = (next(World(seed).batches(20)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
