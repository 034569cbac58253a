"""Connections whose waits are the event loop's turns."""

from typing import TypeVar, cast

import psycopg
from psycopg.abc import PQGen

from lrs.log.interleaved import interleaved

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
                wanted = gen.send(running.until_ready(self.pgconn.socket, wanted))
        except StopIteration as end:
            return cast("T", end.value)
