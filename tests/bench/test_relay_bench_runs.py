"""The relay's benchmark itself works, whatever the figures."""

import os

from tests.bench.relay import relay_rates


def test_the_relay_is_measured(database_url: str, nats_url: str) -> None:
    table = relay_rates(database_url, nats_url, 300, f"bench_{os.getpid()}")
    assert [len(row) for row in table.rows] == [len(table.columns)] * 3
    assert all(row[1] for row in table.rows)
