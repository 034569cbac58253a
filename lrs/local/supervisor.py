"""Keeps programs running: starts them in order, starts again what dies, stops them in reverse order."""

import signal
import subprocess
import time
from collections.abc import Callable

from lrs.local.leftover import PidFiles
from lrs.local.problem import CannotStart
from lrs.local.program import Program
from lrs.local.signals import Signals

Say = Callable[[str], None]
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0
_HEALTHY_AFTER = 30.0
"""Seconds a program ran for its death to count as the first."""


class _Service:
    """One program that should be running."""

    def __init__(self, prepare: Callable[[], Program], notes: PidFiles | None, number: int) -> None:
        self._prepare = prepare
        self._notes = notes
        self._number = number
        self._ready = False
        self._deaths = 0
        self._started = 0.0
        self._due = 0.0
        self.process: subprocess.Popen[bytes] | None = None
        self.program: Program

    @property
    def _label(self) -> str:
        return f"{self.program.name.lower()}-{self._number}"

    def start(self) -> None:
        self.program = self._prepare()
        process = self.program.start()
        self._started = time.monotonic()
        if self._notes:
            try:
                self._notes.note(self._label, self.program, process.pid)
            except BaseException:
                # Nobody would know of it.
                self.program.stop(process)
                raise
        self.process = process

    def wait_until_ready(self, signals: Signals) -> None:
        assert self.process is not None  # noqa: S101  # start comes first
        self.program.wait_until_ready(self.process, signals.pause)
        self._ready = True

    def tend(self, say: Say) -> float:
        """Do what is to be done now; gives the seconds until there may be more to do."""
        now = time.monotonic()
        if self.process is None:
            if now < self._due:
                return self._due - now
            self._start_again(say)
        elif self.process.poll() is not None:
            self._died(now, f"{self.program.name} {self._ending(self.process.returncode)}", say)
        elif not self._ready:
            self._ready = self.program.ready(self.process)
            if not self._ready:
                return 0.05
            say(f"{self.program.name} is back")
        return _LONGEST_PAUSE if self._ready else 0.05

    def _ending(self, code: int) -> str:
        if code < 0:
            return f"was killed by {signal.Signals(-code).name}"
        complaint = self.program.complaint()
        return f"ended with {code} ({complaint})" if complaint else f"ended with {code}"

    def _start_again(self, say: Say) -> None:
        try:
            self.start()
        except (CannotStart, OSError) as error:
            self._died(time.monotonic(), f"{self.program.name} does not start ({error})", say)

    def _died(self, now: float, what: str, say: Say) -> None:
        self._deaths = 1 if self._ready and now - self._started > _HEALTHY_AFTER else self._deaths + 1
        pause = min(_SHORTEST_PAUSE * 2 ** (self._deaths - 1), _LONGEST_PAUSE)
        say(f"{what}: starting it again in {pause:.1f} s")
        self.process, self._ready, self._due = None, False, now + pause

    def ask_to_stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(self.program.stop_signal)

    def wait_until_stopped(self) -> None:
        if self.process is not None:
            self.program.wait_until_stopped(self.process)
            if self._notes:
                self._notes.forget(self._label)


class Supervisor:
    """Runs groups of programs; a later group needs the earlier ones."""

    def __init__(self, signals: Signals, say: Say, notes: PidFiles | None = None) -> None:
        self._signals = signals
        self._say = say
        self._notes = notes
        self._groups: list[list[_Service]] = []

    def start(self, *prepare: Callable[[], Program]) -> None:
        """Start a group of programs, each made by a function that is called again for each start.

        Returns when all are ready. Raises CannotStart, Stop.
        """
        group: list[_Service] = []
        self._groups.append(group)
        for number, one in enumerate(prepare):
            service = _Service(one, self._notes, number)
            service.start()
            group.append(service)
        for service in group:
            service.wait_until_ready(self._signals)

    def watch(self, going_on: Callable[[], bool] = lambda: True) -> None:
        """Start again what dies, as long as something is going on. Raises Stop."""
        while going_on():
            services = (service for group in self._groups for service in group)
            self._signals.pause(min(service.tend(self._say) for service in services))

    def stop(self) -> None:
        """Stop everything, the last group first; within a group together."""
        for group in reversed(self._groups):
            for service in group:
                service.ask_to_stop()
            for service in group:
                service.wait_until_stopped()
        self._groups.clear()
