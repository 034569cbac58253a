"""A database of a test's own, to pull away and give back."""

import signal
import time
from dataclasses import replace
from pathlib import Path
from subprocess import Popen

from lrs.local.postgres import Postgres


class StoppableDatabase:
    """A Postgres server in a folder; it runs once made."""

    def __init__(self, folder: Path) -> None:
        self.server = Postgres(folder / "postgres", log=folder / "log", options={"fsync": "off"})
        self._process: Popen[bytes] | None = None
        self.start()
        self.server.create_database()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        program = self.server.program()
        self._process = program.start()
        program.wait_until_ready(self._process, time.sleep)

    def stop(self) -> None:
        """Stop it, if it runs, without a word to who is connected: connections break, and new ones are refused."""
        if self._process is not None:
            replace(self.server.program(), stop_signal=signal.SIGQUIT).stop(self._process)
            self._process = None
