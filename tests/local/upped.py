"""Runs `lrs up` as a person would, for the tests."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import psutil

ID = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"
STATEMENT = {
    "id": ID,
    "actor": {"mbox": "mailto:sam@example.org"},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
    "object": {"id": "http://example.org/courses/first-aid"},
}


def until(true: Callable[[], object], what: str, seconds: float = 120.0) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds} s for: {what}"
        time.sleep(0.02)


class Up:
    """One run of `lrs up`, on any free port."""

    def __init__(self, data: Path, *options: str, **settings: str) -> None:
        self.data = data
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LRS_")}
        environment |= {"LRS_DATA": str(data), "LRS_PORT": "0"} | settings
        data.parent.mkdir(parents=True, exist_ok=True)
        self._output = data.parent / f"output-{time.monotonic_ns()}"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lrs.cli.main", "up", *options],
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """What it has printed until now."""
        return self._output.read_text(encoding="utf-8")

    def wait_until_ready(self) -> None:
        until(lambda: "Ctrl-C" in self.output or self.process.poll() is not None, "lrs up to be ready")
        assert self.process.poll() is None, self.output

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, name: str) -> psutil.Process:
        return next(one for one in self.children() if name in " ".join(one.cmdline()))

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and give the exit code; nothing may be left running."""
        children = self.children() if self.process.poll() is None else []
        self.process.send_signal(number)
        code = self.process.wait(120)
        assert [one for one in children if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []
        return code

    def kill_all(self) -> None:
        """Kill -9 everything, the parent first."""
        everything = [psutil.Process(self.process.pid), *self.children()]
        for one in everything:
            # Some end by themselves once those before them are gone.
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait()
        psutil.wait_procs(everything, timeout=30)

    def client(self) -> httpx.Client:
        """Give a client made from what was printed."""
        endpoint, key, secret = (self._printed(name) for name in ("Endpoint", "Key", "Secret"))
        return httpx.Client(
            base_url=endpoint, auth=(key, secret), headers={"X-Experience-API-Version": "1.0.3"}, timeout=30
        )

    def send(self) -> None:
        with self.client() as client:
            assert client.post("/statements", json=STATEMENT).status_code == 200

    def has_it(self) -> bool:
        with self.client() as client:
            try:
                return client.get("/statements", params={"statementId": ID}).status_code == 200
            except httpx.TransportError:
                return False

    def _printed(self, name: str) -> str:
        found = re.search(rf"^{name}\s+(\S+)$", self.output, re.MULTILINE)
        assert found, self.output
        return found[1]
