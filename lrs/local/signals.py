"""Waiting for signals: to stop, and that a child ended."""

import os
import select
import signal
from types import FrameType
from typing import Self

_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(Exception):  # a request, not an error
    """Somebody asked us to stop."""


class Signals:
    """While entered, signals to stop raise Stop in ``pause``, where nothing is half done, and nowhere else."""

    def __init__(self) -> None:
        self._asked: signal.Signals | None = None

    def __enter__(self) -> Self:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._before = {number: signal.getsignal(number) for number in (*_TO_STOP, signal.SIGCHLD)}
        self._wakeup_before = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for number in _TO_STOP:
            if (number, self._before[number]) != (signal.SIGHUP, signal.SIG_IGN):  # nohup: survive the terminal
                signal.signal(number, self._ask)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)  # only to be woken
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        os.close(self._reader)
        os.close(self._writer)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        self._asked = signal.Signals(number)

    def pause(self, seconds: float) -> None:
        """Sleep until a signal comes, so many seconds at most; raises Stop if it is, or was, one to stop."""
        if self._asked is None and select.select([self._reader], [], [], seconds)[0]:
            os.read(self._reader, 4096)
        if self._asked is not None:
            raise Stop(f"stopping ({self._asked.name})")
