"""What is said of what went wrong."""

import psycopg
import pytest
from eventsourcing.persistence import ProgrammingError
from psycopg.errors import InsufficientPrivilege
from psycopg_pool import PoolTimeout

from lrs.cli.explained import explained
from lrs.log.work import Unavailable

DENIED = InsufficientPrivilege("permission denied for table secrets\nLINE 1: SELECT")


def _after(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


def test_the_reason_behind_a_database_that_is_away_is_told() -> None:
    refused = _after(ProgrammingError("wrapped"), psycopg.OperationalError("FATAL: no such database\nHINT: make it"))
    assert explained(_after(Unavailable("it is not answering"), refused)) == (
        "it is not answering (FATAL: no such database)",
        1,
    )


@pytest.mark.parametrize("error", [Unavailable("away"), _after(Unavailable("away"), PoolTimeout("after 2 s"))])
def test_where_a_pool_tells_no_reason_the_database_is_asked(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRS_DATABASE_URL", "postgresql://me:s3cret@127.0.0.1:1/none")
    line, _ = explained(error)
    assert line.startswith("away (connection failed: ")
    assert "after 2 s" not in line
    assert "s3cret" not in line


@pytest.mark.parametrize("error", [DENIED, _after(ProgrammingError("wrapped"), DENIED)])
def test_what_the_account_may_not_do_is_told(error: Exception) -> None:
    line = "the account of LRS_DATABASE_URL may not do this: permission denied for table secrets"
    assert explained(error) == (line, 1)
