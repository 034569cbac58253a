"""An outage is told once, and its end."""

import logging

import pytest

from lrs.log.outage import Outage


def test_an_outage_is_told_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage(logging.getLogger())
    outage.over()
    for _ in range(2):
        outage.noticed(OSError("connection refused\nDETAIL: within"))
        outage.noticed(OSError("no route"))
        outage.over()
        outage.over()
    said = ["the database does not answer (connection refused); trying until it does", "the database is back"]
    assert caplog.messages == said * 2
