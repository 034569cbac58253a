"""Where published checkpoints go besides being served: a folder, a webhook, a NATS subject.

The more places keep them, the harder it is to show one auditor another log than the next.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from lrs.files import write_durably
from lrs.settings import Settings, nats_options

log = logging.getLogger(__name__)
_PATIENCE: Final = 5.0
Outlet = Callable[[str, str], None]
"""Takes a store's name and its checkpoint."""


class NotDelivered(Exception):
    """A checkpoint didn't get there; its cause says why."""


class Outlets:
    """All that the settings name. One that fails is said and passed over: the next checkpoint covers this one."""

    def __init__(self, settings: Settings) -> None:
        """Take them from the settings. Raises SettingsError if NATS is wanted and its settings are wrong."""
        self._outlets: dict[str, Outlet] = {}
        self._failing: set[str] = set()
        if settings.checkpoint_folder:
            self._outlets["folder"] = _folder(Path(settings.checkpoint_folder))
        if settings.checkpoint_webhook:
            self._outlets["webhook"] = _webhook(settings.checkpoint_webhook)
        if settings.checkpoint_subject:
            self._outlets["NATS"] = _subject(nats_options(settings), settings.checkpoint_subject)

    def send(self, store: str, checkpoint: str) -> None:
        """Hand a checkpoint to each."""
        for name, outlet in self._outlets.items():
            try:
                outlet(store, checkpoint)
            except (OSError, NotDelivered) as error:
                if name not in self._failing:
                    cause = error.__cause__ or error
                    why = f"{cause}".partition("\n")[0] or type(cause).__name__
                    log.warning("%s: the checkpoint did not reach the %s: %s", store, name, why)
                self._failing.add(name)
            else:
                if name in self._failing:
                    log.warning("%s: checkpoints reach the %s again", store, name)
                self._failing.discard(name)


def _folder(folder: Path) -> Outlet:
    def write(store: str, checkpoint: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        write_durably(folder / f"{store}.checkpoint", checkpoint)

    return write


def _webhook(url: str) -> Outlet:
    import httpx  # much to load, and few have one

    def post(store: str, checkpoint: str) -> None:
        headers = {"Content-Type": "text/plain; charset=utf-8", "X-Vliegwiel-Store": store}
        try:
            httpx.post(url, content=checkpoint.encode(), headers=headers, timeout=_PATIENCE).raise_for_status()
        except httpx.HTTPError as error:
            raise NotDelivered from error

    return post


def _subject(options: Mapping[str, Any], subject: str) -> Outlet:
    import nats
    from nats.errors import Error as NatsError

    async def publish(store: str, checkpoint: str) -> None:
        async with asyncio.timeout(_PATIENCE):
            # By itself the client goes on trying for minutes.
            client = await nats.connect(
                **options,
                name="vliegwiel notary",
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                error_cb=_quiet,
            )
            try:
                await client.publish(f"{subject}.{store}", checkpoint.encode())
                await client.flush()
            finally:
                await client.close()

    def send(store: str, checkpoint: str) -> None:
        try:
            asyncio.run(publish(store, checkpoint))
        except NatsError as error:
            raise NotDelivered from error

    return send


async def _quiet(_: Exception) -> None:
    """Leave it to the exception that is raised to say what went wrong."""
