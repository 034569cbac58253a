"""How programs begin: without streams, and when they are asked to stop at once."""

import os
import signal
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


def test_process_1_hears_sigterm_from_the_start(tmp_path: Path) -> None:
    """In a container of its own it has no default, and there the first process would run on until it is killed."""
    (tmp_path / "loading.py").write_text("import signal; print('begun', flush=True); signal.pause()")
    code = "import os; os.getpid = lambda: 1; from lrs.start import run; run('loading')"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
    assert process.returncode == 128 + signal.SIGTERM


def test_an_end_doesn_t_wait_for_what_never_comes() -> None:
    waiting = "import threading; from lrs.stopping import end_within; end_within(0.1); threading.Event().wait()"
    done = subprocess.run([sys.executable, "-c", waiting], check=False, capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize(
    "command",
    [
        ["-m", "consumers", "--help"],  # fails while it prints
        ["-c", "from lrs import start; start.main = lambda: print('it'); start.run('lrs.start')"],  # fails at its end
    ],
)
def test_output_that_can_t_be_written_shows_nothing_of_the_inside(command: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, *command],
            env={**os.environ, "PYTHONUNBUFFERED": ""},  # else nothing is left to be written at the end
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("lrs: ")
    assert "No space left on device" in done.stderr
    assert done.stderr.count("\n") == 1


def test_what_lies_in_the_folder_is_none_of_our_programs(tmp_path: Path) -> None:
    (tmp_path / "consumers").mkdir()
    (tmp_path / "consumers" / "__init__.py").write_text("raise SystemExit('somebody else')")
    command = [str(Path(sys.executable).with_name("lrs")), "parked", "list", "nonsense"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no projection nonsense" in done.stderr
