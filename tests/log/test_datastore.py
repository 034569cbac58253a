"""Connections for one store, and which errors mean that they are gone."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import eventsourcing.persistence
import psycopg
import pytest
from psycopg import errors
from psycopg_pool import PoolTimeout

from lrs.log import datastore
from lrs.log.datastore import Datastore, is_lost, is_too_much, is_unreachable
from lrs.log.interleaved import Interleaved, interleave


def _wrapped(error: Exception) -> Exception:
    """As eventsourcing raises it."""
    outer = eventsourcing.persistence.OperationalError(str(error))
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize(
    ("error", "means"),
    [
        (psycopg.OperationalError("server closed the connection unexpectedly"), is_lost),
        (psycopg.InterfaceError("the connection is closed"), is_lost),
        (errors.AdminShutdown(), is_lost),
        (errors.CrashShutdown(), is_lost),
        (errors.IdleInTransactionSessionTimeout(), is_lost),
        (errors.ReadOnlySqlTransaction(), is_lost),
        (errors.LockNotAvailable(), None),
        (errors.QueryCanceled(), None),
        (errors.DiskFull(), is_too_much),
        (errors.OutOfMemory(), is_too_much),
        (errors.ProgramLimitExceeded(), is_too_much),
        (PoolTimeout(), is_unreachable),
    ],
)
def test_what_an_error_means(error: Exception, means: Callable[[Exception], bool] | None) -> None:
    for one in (error, _wrapped(error)):
        assert [told for told in (is_lost, is_too_much, is_unreachable) if told(one)] == ([means] if means else [])


async def test_what_runs_in_the_loop_waits_for_a_connection_in_the_threads_it_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(datastore, "CONNECT_TIMEOUT", 0.1)
    everybodys = ThreadPoolExecutor()
    asyncio.get_running_loop().set_default_executor(everybodys)
    everybodys.shutdown()

    def connect(_: Interleaved) -> None:
        with away.get_connection():
            pass

    with ThreadPoolExecutor(1) as threads:
        away = Datastore("postgresql://nobody@127.0.0.1:1/nothing", "store_default", threads=threads)
        with pytest.raises(PoolTimeout):
            await interleave(connect)
        away.close()
