"""Memory and processor time of the processes of a run."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

import psutil

from tests.bench.stack import Stack

_EVERY = 1.0
_MEBIBYTE = 1 << 20


class Memory(NamedTuple):
    """Of the processes of one kind together, in MiB."""

    processes: int
    rss: float
    pss: float
    """Proportional: what is shared with others counts for its part only. 0 where the system doesn't say (macOS)."""


def memory(stack: Stack) -> dict[str, Memory]:
    """Give what each kind of process holds now."""
    return {kind: _together(processes) for kind, processes in stack.processes().items()}


def _together(processes: list[psutil.Process]) -> Memory:
    many, rss, pss = 0, 0, 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            found = process.memory_full_info()
            many, rss, pss = many + 1, rss + found.rss, pss + getattr(found, "pss", 0)
    return Memory(many, rss / _MEBIBYTE, pss / _MEBIBYTE)


class Peak:
    """The most that was held while something ran."""

    def __init__(self) -> None:
        self.memory: dict[str, Memory] = {}

    def see(self, now: dict[str, Memory]) -> None:
        """Take a look into account."""
        for kind, found in now.items():
            before = self.memory.get(kind, found)
            self.memory[kind] = Memory(
                max(before.processes, found.processes), max(before.rss, found.rss), max(before.pss, found.pss)
            )


@contextmanager
def watched(stack: Stack, peak: Peak) -> Iterator[None]:
    """Look at memory while the block runs; seldom, because looking costs."""
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(_EVERY):
            peak.see(memory(stack))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        peak.see(memory(stack))


def processor_seconds(stack: Stack) -> dict[str, float]:
    """Give the processor time that each kind of process has used since it began."""
    spent: dict[str, float] = {}
    for kind, processes in stack.processes().items():
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                spent[kind] = spent.get(kind, 0.0) + times.user + times.system
    return spent
