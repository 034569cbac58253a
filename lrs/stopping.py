"""Work that a request to stop ends, and ends that don't wait for ever."""

import asyncio
import os
import time
from _thread import start_new_thread
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

PATIENCE: Final = 8.0
"""Seconds that programs which may be killed at any moment take to stop; containers are killed after ten."""
T = TypeVar("T")


def end_within(seconds: float = PATIENCE) -> None:
    """End this process after so many seconds if it is still there, with exit code 0: it was asked to stop.

    For what loses nothing by it. A database that lives and says nothing would be waited for without end: psycopg does
    so even for a query that it has cancelled.
    """
    # Not a Thread, whose start takes a lock that whom a signal interrupted may hold.
    start_new_thread(_end, (seconds,))


def _end(seconds: float) -> None:
    time.sleep(seconds)
    os._exit(0)


async def unless_stopped(stopping: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Give the outcome of some work; None if we are asked to stop before it has one, or are already."""
    task = asyncio.ensure_future(work)
    stopped = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return await task if task.done() else None
    finally:
        for one in (task, stopped):
            one.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await one
