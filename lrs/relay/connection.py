"""The relay's connection to NATS: there again as soon as NATS is."""

import contextlib
import logging
from collections.abc import Mapping
from typing import Any

from nats.aio.client import Client
from nats.errors import Error as NatsError

log = logging.getLogger(__name__)
LOST = (NatsError, OSError, RuntimeError)
"""What is raised when NATS is away; RuntimeError by uvloop, of a connection that broke."""


async def connect(options: Mapping[str, Any]) -> Client:
    """Connect, however long it takes; says in one line that NATS is away, and in another that it is back."""
    away = False

    async def lost(error: Exception | None = None) -> None:
        nonlocal away
        if not away and not client.is_closed:
            away = True
            log.warning("NATS does not answer%s; trying until it does", f" ({error})" if error else "")

    async def back() -> None:
        nonlocal away
        if away:
            away = False
            log.warning("NATS is back")

    client = Client()
    await client.connect(
        **options,
        name="vliegwiel relay",
        error_cb=lost,
        disconnected_cb=lost,
        reconnected_cb=back,
        connect_timeout=5,
        reconnect_time_wait=1,
        max_reconnect_attempts=-1,
        ping_interval=10,
    )
    await back()
    return client


async def disconnect(client: Client) -> None:
    """Close the connection, though NATS may be away."""
    with contextlib.suppress(*LOST):
        await client.close()
