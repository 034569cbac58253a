"""However a command with three outcomes fails, it is one line and exit code 2."""

import sys
from pathlib import Path

import pytest
import typer
from psycopg.errors import InsufficientPrivilege

from consumers import commands
from lrs.cli.import_ import _opened
from lrs.command.could_not_run import could_not_run
from lrs.errors import Refused
from lrs.importer import Broken


def test_what_nobody_foresaw_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, could_not_run("north"):
        raise OSError(28, "No space left on device")
    assert ended.value.exit_code == 2
    said = "lrs: unexpected OSError: [Errno 28] No space left on device (LRS_DEBUG=true shows where)\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("error", [Refused("not so"), Broken("not so"), ExceptionGroup("", [Refused("not so")])])
def test_what_was_foreseen_is_told_as_it_is(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, could_not_run("north"):
        raise error
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err == "lrs: not so\n"


def test_what_the_account_may_not_do_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, could_not_run("north"):
        raise InsufficientPrivilege("permission denied to set role\nLINE 1")
    assert ended.value.exit_code == 2
    said = "lrs: the account of LRS_DATABASE_URL may not do this: permission denied to set role\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("error", [OSError(28, "No space left"), ExceptionGroup("", [OSError(28, "No space left")])])
def test_consumers_end_with_one_line_wherever_it_goes_wrong(
    error: Exception, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: object) -> None:
        raise error

    monkeypatch.setattr(commands, "app", fails)
    with pytest.raises(SystemExit) as ended:
        commands.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("lrs: unexpected OSError: [Errno 28] No space left")


@pytest.mark.parametrize("error", [typer.Exit(1), typer.Abort(), typer.BadParameter("x"), BrokenPipeError()])
def test_what_a_command_wants_goes_through(error: Exception) -> None:
    with pytest.raises(type(error)) as ended, could_not_run("north"):
        raise error
    assert ended.value is error


def test_debugging_shows_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "lrs.toml"
    file.write_text("debug = true\n")
    monkeypatch.setenv("LRS_CONFIG", str(file))
    with pytest.raises(typer.Exit) as ended, could_not_run("north"):
        raise OSError(28, "No space left on device")
    assert ended.value.exit_code == 2
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert said.endswith("lrs: unexpected OSError: [Errno 28] No space left on device (LRS_DEBUG=true shows where)\n")


def test_a_closed_standard_input_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(Broken, match="standard input is closed"), _opened(None):
        pass
