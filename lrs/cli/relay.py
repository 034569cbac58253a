"""`lrs relay`: copies the log into the streams that consumers read."""

import asyncio
import logging
import signal
import sys

from lrs import settings as configuration
from lrs.stopping import end_within


def relay() -> None:
    """Copy each store's log to NATS, in order, as it grows.

    One relay of a deployment is active; others that are started wait, and one of them takes over when it ends.
    While NATS or Postgres is away it waits: the log is kept, nothing gets lost. Ctrl-C or SIGTERM stops it.
    """
    import uvloop

    from lrs.relay import Relay
    from lrs.store.opens import require_opens

    settings = configuration.load()
    require_opens(settings.database(), settings.master())
    logging.basicConfig(level=logging.WARNING, format="lrs relay: %(message)s", stream=sys.stderr)
    # It reports each attempt to connect; we say once that the database is away.
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)

    async def run() -> None:
        relay = Relay(settings)

        def stop() -> None:
            end_within()
            relay.stop()

        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        await relay.run()

    uvloop.run(run())
