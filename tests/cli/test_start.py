"""How programs begin: without streams, and when they are asked to stop at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from lrs.start import run


@pytest.mark.parametrize("program", ["lrs.cli.main", "consumers"])
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_nobody_who_reads(program: str, closed: str) -> None:
    command = ["sh", "-c", f'"$0" -m {program} --help {closed}', sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_programs_that_are_started_have_the_streams_too() -> None:
    child = "import os; [os.fstat(number) for number in range(3)]"
    code = (
        "import subprocess, sys; from lrs import start; start._open_streams(); print('to nobody', flush=True);"
        f"sys.exit(subprocess.run([sys.executable, '-S', '-c', {child!r}]).returncode)"
    )
    command = ["sh", "-c", '"$0" -c "$1" <&- >&-', sys.executable, code]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_stopping_while_it_is_loaded_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stopped_while_loaded.py").write_text("raise KeyboardInterrupt")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(SystemExit) as ended:
        run("stopped_while_loaded")
    assert ended.value.code == 130


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("program", ["lrs.cli.main", "consumers"])
def test_output_that_can_t_be_written_shows_nothing_of_the_inside(program: str) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", program, "--help"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert all(line.startswith("lrs: ") for line in done.stderr.splitlines())
    assert "No space left on device" in done.stderr
