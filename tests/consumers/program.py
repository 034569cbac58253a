"""A runner of the counting projection as a program: ``python -m tests.consumers.program DATABASE NATS``."""

import asyncio
import signal
import sys

from consumers.consume import Consume
from tests.consumers.counting import PROJECTION
from tests.store.conftest import MASTER


async def main(database_url: str, nats_url: str) -> None:
    """Run until SIGTERM."""
    consume = Consume(database_url, MASTER, {"servers": nats_url}, [PROJECTION])
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, consume.stop)
    await consume.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
