"""A database of a test's own, to stop and start."""

import time
from pathlib import Path

from lrs.local.postgres import Postgres
from lrs.local.program import Program


class StoppableDatabase:
    """A Postgres server in a folder; it runs once made."""

    def __init__(self, folder: Path) -> None:
        self.server = Postgres(folder / "postgres", log=folder / "log", options={"fsync": "off"})
        self.start()
        self.server.create_database()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.program: Program = self.server.program()
        self.process = self.program.start()
        self.program.wait_until_ready(self.process, time.sleep)

    def stop(self) -> None:
        """Stop it: connections break, and new ones are refused."""
        self.program.stop(self.process)
