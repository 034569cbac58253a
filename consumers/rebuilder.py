"""Rebuilds in a process of its own, so that what is live keeps its pace: one at a time."""

import asyncio
import logging
import signal
from contextlib import suppress
from typing import Final

from lrs.start import program

log = logging.getLogger(__name__)
_AGAIN: Final = 30.0
"""Seconds until a rebuild that failed is tried again."""


class Rebuilder:
    """Runs ``python -m consumers rebuild``, whose settings are ours."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Semaphore(1)

    async def rebuild(self, store: str, projection: str) -> None:
        """Rebuild a store's projection. When cancelled, nothing of it has happened."""
        async with self._one_at_a_time:
            process = await asyncio.create_subprocess_exec(
                *program("consumers", "rebuild", projection, "--store", store, "--quiet"),
                stdin=asyncio.subprocess.DEVNULL,
                # Ctrl-C on a terminal is for us; we pass it on.
                start_new_session=True,
            )
            try:
                code = await process.wait()
            except asyncio.CancelledError:
                with suppress(ProcessLookupError):
                    process.send_signal(signal.SIGTERM)
                await process.wait()
                raise
        if code:
            log.warning("%s of %s could not be rebuilt; trying again in %d s", projection, store, _AGAIN)
            await asyncio.sleep(_AGAIN)
