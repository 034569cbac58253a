"""Processes that outlived the command that started them: where a parent's death ends its children, there are none."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from lrs.local.program import Program


class PidFiles:
    """Notes which processes run, in a folder, and stops those of an earlier command that are still there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def note(self, name: str, program: Program, pid: int) -> None:
        """Note a child of ours that was started."""
        with contextlib.suppress(psutil.NoSuchProcess):  # ended already
            started = psutil.Process(pid).create_time()
            note = {"pid": pid, "started": started, "parent": os.getpid(), "signal": int(program.stop_signal)}
            (self._folder / f"{name}.pid").write_text(json.dumps(note), encoding="ascii")

    def forget(self, name: str) -> None:
        """Forget a process that was stopped."""
        (self._folder / f"{name}.pid").unlink(missing_ok=True)

    def stop_leftovers(self) -> None:
        """Stop what is still running, and wait until it has stopped. Call with the lock on the folder."""
        found = []
        for path in self._folder.glob("*.pid"):
            # What isn't written as we write it is no note of ours.
            with contextlib.suppress(psutil.Error, ValueError, KeyError, TypeError, OverflowError):
                note = json.loads(path.read_text(encoding="ascii"))
                process = psutil.Process(note["pid"])
                if self._is_left_over(process, note):
                    process.send_signal(signal.Signals(note["signal"]))
                    found.append(process)
        stubborn = _wait_until_ended(found, seconds=60)
        for process in stubborn:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        _wait_until_ended(stubborn, seconds=10)
        for path in self._folder.glob("*.pid"):
            path.unlink()

    def _is_left_over(self, process: psutil.Process, note: dict[str, Any]) -> bool:
        if process.create_time() != note["started"]:
            return False  # another process got its number
        if "parent" in note:
            # Who still has its parent belongs to a running command: our folder was copied from under it.
            return bool(process.ppid() != note["parent"])
        # Noted by a version before 27 November 2026, which didn't say whose it is.
        places = (process.cwd(), *process.cmdline())
        return any(Path(place).is_relative_to(self._folder.parent) for place in places)


def _wait_until_ended(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait until processes have ended, so many seconds at most; gives those that haven't.

    A zombie has ended: its parent may never collect it, as process 1 of many a container.
    """
    until = time.monotonic() + seconds
    while (running := [one for one in processes if _runs(one)]) and time.monotonic() < until:
        time.sleep(0.02)
    return running


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
