"""Which errors mean that the connection is gone."""

import eventsourcing.persistence
import psycopg
import pytest
from psycopg import errors
from psycopg_pool import PoolTimeout

from lrs.log.datastore import is_lost


def _wrapped(error: Exception) -> Exception:
    """As eventsourcing raises it."""
    outer = eventsourcing.persistence.OperationalError(str(error))
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (psycopg.OperationalError("server closed the connection unexpectedly"), True),
        (psycopg.InterfaceError("the connection is closed"), True),
        (errors.AdminShutdown(), True),
        (errors.CrashShutdown(), True),
        (errors.LockNotAvailable(), False),
        (errors.QueryCanceled(), False),
        (errors.DiskFull(), False),
        (PoolTimeout(), False),
    ],
)
def test_is_lost(error: Exception, lost: bool) -> None:
    assert is_lost(error) == lost
    assert is_lost(_wrapped(error)) == lost
