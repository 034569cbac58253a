"""What is logged of a database that lets nobody in."""

import logging
from collections.abc import Iterator

import psycopg
import pytest

from lrs.log.datastore import AWAY, Datastore
from lrs.log.refusals import POOL, ReasonOnce, tell_reasons


@pytest.fixture
def telling(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    level, filters = POOL.level, list(POOL.filters)
    tell_reasons()
    yield caplog
    POOL.setLevel(level)
    POOL.filters[:] = filters


def test_a_pool_says_once_why_it_gets_no_connection(telling: pytest.LogCaptureFixture) -> None:
    datastore = Datastore("postgresql://127.0.0.1:1/none", "public", connect_timeout=0.5)
    try:
        for _ in range(2):
            with pytest.raises(AWAY), datastore.get_connection():
                pass
    finally:
        datastore.close()
    (said,) = telling.messages
    assert said.startswith("the database is not answering: connection failed: ")
    assert said.count("\n") == 0


def test_another_reason_is_said() -> None:
    once = ReasonOnce()

    def passes(*args: object, level: int = logging.WARNING) -> bool:
        return bool(once.filter(logging.LogRecord("psycopg.pool", level, "", 0, "%s %s", args, None)))

    full, wrong = psycopg.OperationalError("no slots\nleft"), psycopg.OperationalError("wrong password")
    assert [passes("pool-1", error) for error in (full, full, wrong, full)] == [True, False, True, True]
    assert not passes("pool-1", 1.0)
    assert passes("pool-1", 1.0, level=logging.ERROR)
