"""Processes that outlived the command that started them, and such that only seem to."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import psutil
import pytest

from lrs.local.leftover import PidFiles
from lrs.local.program import Program

SLEEPER = Program(name="Sleeper", command=["sleep", "1000"], ready=lambda _: True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder."""
    (tmp_path / "data" / "run").mkdir(parents=True)
    return tmp_path / "data"


@pytest.fixture
def process(folder: Path) -> Iterator[Popen[bytes]]:
    """A process that is noted there, and works in there."""
    process = Popen(SLEEPER.command, cwd=folder)
    PidFiles(folder / "run").note("sleeper-0", SLEEPER, process.pid)
    yield process
    process.kill()
    process.wait()


def _note(folder: Path, **changed: Any) -> dict[str, Any]:
    path = folder / "run" / "sleeper-0.pid"
    note: dict[str, Any] = {**json.loads(path.read_text()), **changed}
    path.write_text(json.dumps(note))
    return note


def _is_stopped(folder: Path, process: Popen[bytes]) -> bool:
    PidFiles(folder / "run").stop_leftovers()
    assert not list((folder / "run").iterdir())
    return process.poll() is not None


def test_who_lost_its_parent_is_stopped(folder: Path, process: Popen[bytes]) -> None:
    _note(folder, parent=process.pid)
    assert _is_stopped(folder, process)


def test_whose_parent_lives_is_left_alone(folder: Path, process: Popen[bytes]) -> None:
    """As in a copy of the folder of a running `lrs up`."""
    assert not _is_stopped(folder, process)


def test_another_process_with_its_number_is_left_alone(folder: Path, process: Popen[bytes]) -> None:
    _note(folder, parent=process.pid, started=1.0)
    assert not _is_stopped(folder, process)


def test_without_a_note_of_the_parent_the_folder_tells(folder: Path, process: Popen[bytes]) -> None:
    note = _note(folder)
    del note["parent"]
    copy = folder.with_name("data.copy")
    for one in (copy, folder):
        (one / "run").mkdir(parents=True, exist_ok=True)
        (one / "run" / "sleeper-0.pid").write_text(json.dumps(note))
    assert not _is_stopped(copy, process)
    assert _is_stopped(folder, process)


def test_who_ended_and_is_collected_by_nobody_is_not_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container whose process 1 collects nobody."""
    stubborn: list[psutil.Process] = []
    monkeypatch.setattr(psutil.Process, "kill", stubborn.append)
    child = "import os, time; pid = os.fork(); pid or os._exit(0); print(pid, flush=True); time.sleep(1000)"
    with Popen([sys.executable, "-c", child], stdout=PIPE) as parent:
        try:
            assert parent.stdout
            PidFiles(folder / "run").note("sleeper-0", SLEEPER, int(parent.stdout.readline()))
            _note(folder, parent=1)
            PidFiles(folder / "run").stop_leftovers()
        finally:
            parent.kill()
    assert not stubborn
    assert not list((folder / "run").iterdir())
