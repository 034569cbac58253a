"""Shares commits: what waits while a commit is in flight goes with the next."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final

from lrs.log.datastore import AWAY, is_lost, is_too_much, is_unreachable
from lrs.log.interleaved import Interleaved
from lrs.log.work import Unavailable, Work

log = logging.getLogger(__name__)
GROUP_BYTES: Final = 1 << 20
"""A commit takes no further request in once it holds this much, so that it stays short."""
WAITING_BYTES: Final = 256 << 20
"""More than this waiting is refused as unavailable, so that memory stays bounded when the database is slow."""
CLOSING = 10.0
"""Seconds that what waits is given at the end. Nobody was told that it is stored."""


class Appender:
    """Appends for one store in this process, in the event loop."""

    def __init__(self, commit: Callable[[Sequence[Work[Any]]], None]) -> None:
        """``commit`` appends a group in one transaction and settles each of its members. It runs interleaved."""
        self._commit = commit
        self._waiting: deque[Work[Any]] = deque()
        self._bytes = 0
        self._running: Interleaved | None = None
        self._closing = False
        self._ended: asyncio.Future[None] | None = None

    def submit(self, work: Work[Any]) -> None:
        """Queue work; its future gets the outcome. Raises Unavailable when too much is waiting."""
        if self._closing:
            raise Unavailable("the server is shutting down")
        if self._bytes > WAITING_BYTES:
            raise Unavailable("too much is waiting to be stored")
        self._bytes += work.size
        self._waiting.append(work)
        if self._running is None:
            self._running = Interleaved(self._run)
            # Not at once: what came in together goes together.
            asyncio.get_running_loop().call_soon(self._running.go_on)

    async def close(self) -> None:
        """Append what waits, as far as the database answers, then stop."""
        self._closing = True
        if self._running is not None:
            self._ended = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._ended], timeout=CLOSING)

    def _run(self) -> None:
        while group := self._next():
            self._append(group)
        self._running = None
        if self._ended is not None:
            self._ended.set_result(None)

    def _next(self) -> list[Work[Any]]:
        """Take all that waits, as far as one commit goes."""
        group: list[Work[Any]] = []
        size = 0
        while self._waiting and size < GROUP_BYTES:
            work = self._waiting.popleft()
            group.append(work)
            size += work.size
        self._bytes -= size
        return group

    def _append(self, group: Sequence[Work[Any]]) -> None:
        try:
            self._commit_again_if_lost(group)
        except AWAY as error:
            if len(group) > 1 and is_too_much(error):
                self._append_each(group)
                return
            log.warning("could not append: %s", error)
            if is_unreachable(error):
                # Else all who wait would find out one group after the other, each in as long as it takes to give up.
                group = [*group, *self._waiting]
                self._waiting.clear()
                self._bytes = 0
            for work in group:
                work.settle(Unavailable("the database is not answering"))
        except Exception as error:
            if len(group) > 1:
                self._append_each(group)
                return
            log.exception("could not append")
            group[0].settle(error)

    def _append_each(self, group: Sequence[Work[Any]]) -> None:
        # One member spoils the transaction: each goes alone, so that it fails nobody else.
        for work in group:
            if not work.settled:
                self._append([work])

    def _commit_again_if_lost(self, group: Sequence[Work[Any]]) -> None:
        try:
            self._commit(group)
        except AWAY as error:
            if not is_lost(error):
                raise
            # The connection broke, perhaps after the commit was done. Statements carry their ids: what was committed
            # is found again and counts as stored. A job can't know, so its sender has to look and repeat.
            repeatable = [work for work in group if work.repeatable]
            if not repeatable:
                raise
            for work in group:
                if not work.repeatable:
                    work.settle(Unavailable("the connection to the database was lost"))
            self._commit(repeatable)
