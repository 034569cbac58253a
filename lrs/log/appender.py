"""Shares commits: what waits while a commit is in flight goes with the next."""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Final

from lrs.log.datastore import AWAY
from lrs.log.work import Unavailable, Work

log = logging.getLogger(__name__)
GROUP_BYTES: Final = 1 << 20
"""A commit takes no further request in once it holds this much, so that it stays short."""
WAITING_BYTES: Final = 256 << 20
"""More than this waiting is refused as unavailable, so that memory stays bounded when the database is slow."""


class Appender:
    """One thread that appends for one store in this process. Work is submitted from one thread, the event loop's."""

    def __init__(self, name: str, commit: Callable[[Sequence[Work[Any]]], None]) -> None:
        """``commit`` appends a group in one transaction and settles each of its members."""
        self._commit = commit
        # Whoever puts and the thread that gets meet in the queue's own lock only: each hand-over between threads that
        # can be saved is time saved for requests.
        self._waiting: SimpleQueue[Work[Any] | None] = SimpleQueue()
        # Each is written by one side only: the difference is what waits, and needs no lock.
        self._submitted = 0
        self._taken = 0
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=f"append {name}", daemon=True)
        self._thread.start()

    def submit(self, work: Work[Any]) -> None:
        """Queue work; its future gets the outcome. Raises Unavailable when too much is waiting."""
        if self._closing:
            raise Unavailable("the server is shutting down")
        if self._submitted - self._taken > WAITING_BYTES:
            raise Unavailable("too much is waiting to be stored")
        self._submitted += work.size
        self._waiting.put(work)

    def close(self) -> None:
        """Append what waits, then stop."""
        self._closing = True
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while group := self._next():
            self._append(group)
            _deliver(group)

    def _next(self) -> list[Work[Any]]:
        """Wait for work, and take all that waits; nothing when the end is reached."""
        group: list[Work[Any]] = []
        size = 0
        with suppress(Empty):
            work = self._waiting.get()
            while work is not None:
                group.append(work)
                size += work.size
                self._taken += work.size
                if size >= GROUP_BYTES:
                    return group
                work = self._waiting.get_nowait()
            # The end is behind this group: it has to be found again after it.
            if group:
                self._waiting.put(None)
        return group

    def _append(self, group: Sequence[Work[Any]]) -> None:
        try:
            self._commit_again_if_lost(group)
        except AWAY as error:
            log.warning("could not append: %s", error)
            for work in group:
                work.settle(Unavailable("the database is not answering"))
        except Exception as error:
            if len(group) == 1:
                log.exception("could not append")
                group[0].settle(error)
                return
            # One member spoils the transaction: each goes alone, so that it fails nobody else.
            for work in group:
                if not work.settled:
                    self._append([work])

    def _commit_again_if_lost(self, group: Sequence[Work[Any]]) -> None:
        try:
            self._commit(group)
        except AWAY:
            # The connection broke, perhaps after the commit was done. Statements carry their ids: what was committed
            # is found again and counts as stored. A job can't know, so its sender has to look and repeat.
            repeatable = [work for work in group if work.repeatable]
            if not repeatable:
                raise
            for work in group:
                if not work.repeatable:
                    work.settle(Unavailable("the connection to the database was lost"))
            self._commit(repeatable)


def _deliver(group: Sequence[Work[Any]]) -> None:
    def all_of(works: Iterable[Work[Any]]) -> None:
        for work in works:
            work.deliver()

    for loop in {work.loop for work in group}:
        # A loop that is closed has nobody left who waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(all_of, [work for work in group if work.loop is loop])
