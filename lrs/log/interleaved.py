"""Code that waits for the database, run in the event loop: while it waits, the loop goes on with other things.

By greenlets, as in SQLAlchemy's asyncio extension (https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html). In a
thread of its own such code would fight the loop's for the interpreter's lock, and carry all that both use from one
processor's cache to the other's and back.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Any, TypeVar, cast

from greenlet import getcurrent, greenlet
from psycopg.waiting import Ready, Wait

from lrs.log.patience import patience_of

T = TypeVar("T")


class Interleaved(greenlet):
    """Runs a function in the loop. ``go_on()`` starts it, and returns when it waits for the first time."""

    def __init__(self, run: Callable[[], None]) -> None:
        """Make it in the loop; ``run`` must not raise: nobody would hear of it but the loop's handler."""
        super().__init__(run)
        self._loop = asyncio.get_running_loop()
        self._patience = patience_of(self._loop)

    def go_on(self, *outcome: object) -> None:
        """Run the function until it waits again, or ends; what it waited for came out like this."""
        socket = self.switch(*outcome)
        if socket is not None:
            self._watch(*socket)

    def until_ready(self, descriptor: int, wanted: Wait, most: float) -> Ready:
        """Wait until something can be read from a socket or written to it; what of both, is the answer.

        Neither, after ``most`` seconds, or up to one more.
        """
        return cast("Ready", self._pause((descriptor, wanted, most)))

    def in_thread(self, work: Callable[[], T], executor: Executor | None = None) -> T:
        """Have a thread do what blocks; raises what that raises."""
        future = self._loop.run_in_executor(executor, work)
        future.add_done_callback(self.go_on)
        self._pause(None)
        return future.result()

    def _pause(self, socket: tuple[int, Wait, float] | None) -> Any:
        # Whoever lets the function go on has the loop watch the socket: it must not do so itself. libuv calls us with
        # what is ready on its stack, just where the function's stack lies when it runs, and touches it when a socket
        # is to be watched (uv__platform_invalidate_fd). That crashed, now and then.
        assert self.parent is not None  # noqa: S101 - only the thread's first greenlet has none
        return self.parent.switch(socket)

    def _watch(self, descriptor: int, wanted: Wait, most: float) -> None:
        self._patience.begin(self._loop, self, most, partial(self._ready, descriptor, wanted, Ready.NONE))
        if wanted & Wait.R:
            self._loop.add_reader(descriptor, self._ready, descriptor, wanted, Ready.R)
        if wanted & Wait.W:
            self._loop.add_writer(descriptor, self._ready, descriptor, wanted, Ready.W)

    def _ready(self, descriptor: int, wanted: Wait, ready: Ready) -> None:
        # None of them may call again while the function is busy.
        self._patience.end(self)
        if wanted & Wait.R:
            self._loop.remove_reader(descriptor)
        if wanted & Wait.W:
            self._loop.remove_writer(descriptor)
        self.go_on(ready)


def interleave(work: Callable[[Interleaved], T]) -> asyncio.Future[T]:
    """Run in the loop what waits for the database; it is given what can wait otherwise. Its outcome can be awaited."""
    future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def run() -> None:
        # Who waits may have hung up meanwhile: then there is nobody to tell.
        try:
            outcome = work(running)
        except Exception as error:
            if not future.done():
                future.set_exception(error)
        else:
            if not future.done():
                future.set_result(outcome)

    running = Interleaved(run)
    running.go_on()
    return future


def interleaved() -> Interleaved | None:
    """Give what runs now, if that is one."""
    running = getcurrent()
    return running if isinstance(running, Interleaved) else None
