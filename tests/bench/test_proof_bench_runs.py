"""The benchmark of proofs itself works, whatever the figures."""

import asyncio
from pathlib import Path

from lrs.seal import MasterKey
from tests.bench.proof import proof_rates
from tests.bench.relay import _KEY, _fill
from tests.databases import NewDatabase


def test_signing_proving_and_checking_are_measured(new_database: NewDatabase, tmp_path: Path) -> None:
    url = new_database("default")
    asyncio.run(_fill(url, "default", 300))
    rates, times = proof_rates(url, "default", MasterKey.parse(_KEY), tmp_path)
    assert "300 events" in rates.title
    assert [len(row) for row in rates.rows] == [len(rates.columns)] * 5
    assert [len(row) for row in times.rows] == [len(times.columns)] * 2
