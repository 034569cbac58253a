"""What is said of what went wrong."""

import psycopg
import pytest
from eventsourcing.persistence import ProgrammingError
from psycopg.errors import InsufficientPrivilege
from psycopg_pool import PoolTimeout

from lrs.command.explained import explained, explaining
from lrs.errors import NotMigrated, Refused
from lrs.local.problem import CannotStart
from lrs.log.work import Unavailable
from lrs.settings import SettingsError

DENIED = InsufficientPrivilege("permission denied for table secrets\nLINE 1: SELECT")


def _after(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


def test_the_reason_behind_a_database_that_is_away_is_told() -> None:
    refused = _after(ProgrammingError("wrapped"), psycopg.OperationalError("FATAL: no such database\nHINT: make it"))
    assert explained(_after(Unavailable("it is not answering"), refused)) == (
        "it is not answering (FATAL: no such database)"
    )


@pytest.mark.parametrize("error", [Unavailable("away"), _after(Unavailable("away"), PoolTimeout("after 2 s"))])
def test_where_a_pool_tells_no_reason_the_database_is_asked(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRS_DATABASE_URL", "postgresql://me:s3cret@127.0.0.1:1/none")
    line = explained(error)
    assert line.startswith("away (connection failed: ")
    assert "after 2 s" not in line
    assert "s3cret" not in line


@pytest.mark.parametrize("error", [DENIED, _after(ProgrammingError("wrapped"), DENIED)])
def test_what_the_account_may_not_do_is_told(error: Exception) -> None:
    line = "the account of LRS_DATABASE_URL may not do this: permission denied for table secrets"
    assert explained(error) == line


def test_a_table_that_is_missing_is_a_store_s_or_the_whole_database_s() -> None:
    missing = psycopg.errors.UndefinedTable("relation does not exist")
    assert explained(missing, "north").startswith("there is no store north, ")
    assert explained(missing) == str(NotMigrated())


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refused("there is one already"), 1),
        (ExceptionGroup("side by side", [Refused("there is one already")]), 1),
        (SettingsError("LRS_PORT: expected a whole number"), 2),
        (CannotStart("port 8080 is taken"), 2),
        (psycopg.OperationalError("connection refused"), 2),
        (ValueError("nobody foresaw this"), 2),
    ],
)
def test_a_refusal_is_1_and_what_could_not_run_is_2(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def program() -> None:
        raise error

    with pytest.raises(SystemExit) as ended:
        explaining(program)
    assert ended.value.code == code
    assert capsys.readouterr().err == f"lrs: {explained(error)}\n"
