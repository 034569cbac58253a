"""Connections whose waits are the event loop's turns, and have an end."""

from typing import Final, TypeVar, cast

import psycopg
from psycopg.abc import PQGen
from psycopg.waiting import Ready

from lrs.log.interleaved import interleaved

SILENCE: Final = 25.0
"""Seconds in which the server neither sends nor takes anything: longer than locks are waited for in the loop.

A server that is gone is found sooner (``keepalive``). This is for one whose machine or proxy lives, but which answers
nothing: a process that was stopped, storage that hangs, an answer that was lost on the way.
"""

T = TypeVar("T")
Row_co = TypeVar("Row_co", covariant=True)


class Connection(psycopg.Connection[Row_co]):
    """A connection that lets the loop go on while it waits, if what uses it is interleaved with the loop."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Go through an exchange with the server, as psycopg does."""
        running = interleaved()
        if running is None:
            return super().wait(gen, interval, timeout)
        try:
            wanted = next(gen)
            while True:
                ready = running.until_ready(self.pgconn.socket, wanted, SILENCE)
                if ready == Ready.NONE:
                    # Whatever still comes would be taken for the answer to something else.
                    self.close()
                    raise psycopg.OperationalError(f"the server has been silent for {SILENCE:g} seconds")
                wanted = gen.send(ready)
        except StopIteration as end:
            return cast("T", end.value)
