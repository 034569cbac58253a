"""Shares commits: what waits while a commit is in flight goes with the next."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from lrs.log.datastore import AWAY
from lrs.log.work import StatementBatch, Unavailable, Work

log = logging.getLogger(__name__)
T = TypeVar("T")
GROUP_STATEMENTS = 1_000
"""A commit takes no further request in once it holds this many statements, so that it stays short."""
WAITING_STATEMENTS = 100_000
"""More than this waiting is refused as unavailable, so that memory stays bounded when the database is slow."""


class Appender:
    """One thread that appends for one store in this process."""

    def __init__(self, name: str, commit: Callable[[Sequence[Work[Any]]], None]) -> None:
        """``commit`` appends a group in one transaction and sets the outcome of each of its members."""
        self._commit = commit
        self._waiting: deque[Work[Any]] = deque()
        self._size = 0
        self._wakeup = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=f"append {name}", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> None:
        """Queue work; its future gets the outcome. Raises Unavailable when too much is waiting."""
        with self._wakeup:
            if self._closing:
                raise Unavailable("the server is shutting down")
            if self._size >= WAITING_STATEMENTS:
                raise Unavailable("too many statements are waiting to be stored")
            self._waiting.append(work)
            self._size += _size(work)
            self._wakeup.notify()

    def close(self) -> None:
        """Append what waits, then stop."""
        with self._wakeup:
            self._closing = True
            self._wakeup.notify()
        self._thread.join()

    def _run(self) -> None:
        while group := self._next():
            self._append(group)

    def _next(self) -> list[Work[Any]]:
        group: list[Work[Any]] = []
        statements = 0
        with self._wakeup:
            while not self._waiting and not self._closing:
                self._wakeup.wait()
            while self._waiting and statements < GROUP_STATEMENTS:
                work = self._waiting.popleft()
                statements += _size(work)
                group.append(work)
            self._size -= statements
        return group

    def _append(self, group: Sequence[Work[Any]]) -> None:
        try:
            self._commit_again_if_lost(group)
        except AWAY as error:
            log.warning("could not append: %s", error)
            for work in group:
                if not work.future.done():
                    work.future.set_exception(Unavailable("the database is not answering"))
        except Exception as error:
            if len(group) == 1:
                log.exception("could not append")
                group[0].future.set_exception(error)
                return
            # One member spoils the transaction: each goes alone, so that it fails nobody else.
            for work in group:
                if not work.future.done():
                    self._append([work])

    def _commit_again_if_lost(self, group: Sequence[Work[Any]]) -> None:
        try:
            self._commit(group)
        except AWAY:
            # The connection broke, perhaps after the commit was done. Statements carry their ids: what was committed
            # is found again and counts as stored. A job can't know, so its sender has to look and repeat.
            batches = [work for work in group if isinstance(work, StatementBatch)]
            if not batches:
                raise
            for work in group:
                if work not in batches:
                    work.future.set_exception(Unavailable("the connection to the database was lost"))
            self._commit(batches)


def _size(work: Work[Any]) -> int:
    return len(work.statements) if isinstance(work, StatementBatch) else 1
