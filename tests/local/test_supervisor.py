"""Programs that are kept running."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import psutil
import pytest

from lrs.local.leftover import PidFiles
from lrs.local.program import Program
from lrs.local.signals import Signals
from lrs.local.supervisor import Supervisor


class _FullDisk(PidFiles):
    """Has room for the notes of so many processes."""

    def __init__(self, room: int) -> None:
        super().__init__(Path())
        self._room = room
        self.pids: list[int] = []

    def note(self, name: str, program: Program, pid: int) -> None:  # noqa: ARG002 - the overridden one's
        self.pids.append(pid)
        if len(self.pids) > self._room:
            raise OSError("no space left on device")


class _Sleeping:
    """A program that does nothing, and the processes that ran it once they were ready."""

    def __init__(self) -> None:
        self.pids: list[int] = []

    def program(self) -> Program:
        return Program(name="Sleeper", command=["sleep", "1000"], ready=self._ready)

    def _ready(self, process: Popen[bytes]) -> bool:
        self.pids.append(process.pid)
        return True


@pytest.fixture
def signals() -> Iterator[Signals]:
    with Signals() as signals:
        yield signals


def test_a_process_that_can_t_be_noted_does_not_run(signals: Signals) -> None:
    notes = _FullDisk(0)
    with pytest.raises(OSError, match="no space left"):
        Supervisor(signals, print, notes).start(_Sleeping().program)
    assert not psutil.pid_exists(notes.pids[0])


def test_a_process_that_can_t_be_noted_when_it_is_started_again_does_not_run(signals: Signals) -> None:
    notes, sleeping = _FullDisk(1), _Sleeping()
    said: list[str] = []
    supervisor = Supervisor(signals, said.append, notes)
    supervisor.start(sleeping.program)
    os.kill(sleeping.pids[0], signal.SIGKILL)
    supervisor.watch(lambda: len(said) < 2)
    supervisor.stop()
    assert said[1].startswith("Sleeper does not start (no space left on device): starting it again in")
    assert not any(psutil.pid_exists(pid) for pid in notes.pids)


def test_what_dies_is_started_again_as_long_as_something_is_going_on(signals: Signals) -> None:
    sleeping = _Sleeping()
    said: list[str] = []
    supervisor = Supervisor(signals, said.append)
    supervisor.start(sleeping.program)
    os.kill(sleeping.pids[0], signal.SIGKILL)
    supervisor.watch(lambda: len(sleeping.pids) < 2)
    supervisor.stop()
    assert said == ["Sleeper was killed by SIGKILL: starting it again in 0.2 s", "Sleeper is back"]
