"""A program that runs as our child."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from lrs.local import launch
from lrs.local.account import Account
from lrs.local.problem import CannotStart
from lrs.settings import PREFIX

_LOG_BYTES = 10_000_000
_LAST = 50
"""Lines of a log that may say why a program ended."""
_STARTED = "--- started ---"
"""A line of a log; what comes before is of earlier times."""
_WRONG = (
    re.compile(r"\bPANIC: "),
    # Not what Postgres tells those who connect meanwhile.
    re.compile(r"\bFATAL: +(?! |the database system is|terminating )|\[FTL\]"),
    re.compile(r"\berror: "),
)
"""How Postgres, NATS and the tools of Postgres say what is wrong, the worst first."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run, how to see that it is ready, and how to stop it."""

    name: str
    command: Sequence[str | Path]
    ready: Callable[[subprocess.Popen[bytes]], bool]
    stop_signal: signal.Signals = signal.SIGTERM
    kill_signal: signal.Signals = signal.SIGKILL
    log: Path | None = None
    account: Account | None = None
    capability: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    ours: bool = False
    """Whether our settings, with the secrets among them, are any business of it."""
    file_descriptors: tuple[int, ...] = ()
    niceness: int = 0
    """How far it stands back where others want the processor too (nice(2))."""

    def start(self) -> subprocess.Popen[bytes]:
        """Start it. From the main thread: a child ends with the thread that started it (prctl(2), PR_SET_PDEATHSIG)."""
        account = f"{self.account.uid}:{self.account.gid}" if self.account else "-"
        capability = "-" if self.capability is None else str(self.capability)
        # -I -S: only the standard library, nothing from the environment or the current folder
        launcher = [sys.executable, "-I", "-S", launch.__file__, str(os.getpid()), str(int(self.stop_signal))]
        output = self._open_log()
        try:
            process = subprocess.Popen(  # noqa: S603  # our own programs
                [*launcher, account, capability, *map(str, self.command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**self._inherited(), **self.environment},
                pass_fds=self.file_descriptors,
                start_new_session=True,  # Ctrl-C goes to us alone: we stop the programs, in order
            )
        finally:
            if output is not None:
                os.close(output)
        if self.niceness:
            _stand_back(process.pid, self.niceness)
        return process

    def _inherited(self) -> dict[str, str]:
        # Whoever gets a hold of a program reads its environment: SQL that may read files reads that of Postgres.
        return {name: value for name, value in os.environ.items() if self.ours or not name.startswith(PREFIX)}

    def _open_log(self) -> int | None:
        if self.log is None:
            return None
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        output = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with contextlib.suppress(OSError):  # no room for a line is no reason not to try
            os.write(output, f"{_STARTED}\n".encode())
        return output

    def last_words(self) -> str:
        """Give the last line it logged that says what is wrong, else the last of all, to show why it ended."""
        lines = self._last_lines()
        return self.complaint() or (lines[-1] if lines else "")

    def complaint(self) -> str:
        """Give the last line it logged that says what is wrong; empty if none of late does."""
        lines = self._last_lines()
        return next((line for wrong in _WRONG for line in reversed(lines) if wrong.search(line)), "")

    def _last_lines(self) -> list[str]:
        if self.log is None or not self.log.exists():
            return []
        written = self.log.read_text(encoding="utf-8", errors="replace").rpartition(_STARTED)[2]
        return written.strip().splitlines()[-_LAST:]

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Ask it to stop and wait until it has."""
        process.send_signal(self.stop_signal)  # does nothing if it has ended
        self.wait_until_stopped(process)

    def wait_until_stopped(self, process: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
        """Wait for a process that was asked to stop; after so many seconds, insist."""
        for number in (self.kill_signal, signal.SIGKILL):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
                return
            process.send_signal(number)
        process.wait()

    def wait_until_ready(self, process: subprocess.Popen[bytes], pause: Callable[[float], object]) -> None:
        """Wait until it is ready to serve, however long that takes: recovering from a crash may take minutes.

        Raises CannotStart if it ends first.
        """
        while not self.ready(process):
            if process.poll() is not None:
                words = self.last_words()
                said = f": {words}" if words else ""
                raise CannotStart(f"{self.name} ended with {process.returncode} while starting{said}")
            pause(0.02)


def _stand_back(pid: int, niceness: int) -> None:
    with contextlib.suppress(psutil.Error):
        psutil.Process(pid).nice(niceness)
    # Each program has a session of its own. Where the kernel shares the processor out among sessions (sched(7), "The
    # autogroup feature"), niceness only counts within one, and this is how the session gets its own.
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(niceness), encoding="ascii")
