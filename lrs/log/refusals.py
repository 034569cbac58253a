"""What a server logs of a database that lets nobody in: who asks the server is told only that it is away."""

import logging
from time import monotonic
from typing import Final

import psycopg

from lrs.errors import first_line

POOL: Final = logging.getLogger("psycopg.pool")
_AGAIN: Final = 60.0
"""Seconds after which the same reason is said again: it may have been mended meanwhile, and come back."""


class ReasonOnce(logging.Filter):
    """Lets pools say why they get no connection when that changes, not at each attempt."""

    def __init__(self) -> None:
        super().__init__()
        self._said = ""
        self._until = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass on the reason, in words of ours, unless it was said just now; nothing else that pools warn of."""
        if record.levelno > logging.WARNING:
            return True
        error = record.args[-1] if isinstance(record.args, tuple) and record.args else None
        if not isinstance(error, psycopg.Error):
            return False
        reason, now = first_line(error), monotonic()
        if reason == self._said and now < self._until:
            return False
        self._said, self._until = reason, now + _AGAIN
        record.msg, record.args = "the database is not answering: %s", (reason,)
        return True


def tell_reasons() -> None:
    """Have pools say why they get no connection, which the library has silenced."""
    POOL.setLevel(logging.WARNING)
    POOL.addFilter(ReasonOnce())
