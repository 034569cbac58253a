"""The real thing, started as a user would: ``lrs up`` on a free port and a data folder."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple

import psutil

from lrs.settings import Settings, load
from tests.bench.client import Endpoint

_KEY, _SECRET = "bench", "bench-secret-of-no-value"
_PATIENCE = 120.0


class Stack(NamedTuple):
    """A running server."""

    endpoint: Endpoint
    process: psutil.Process
    settings: Settings
    """As its workers have them: with the addresses of the servers it started."""
    seconds: float
    """From the start of the command to the first answered request."""

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Give its processes by what they are."""
        found: dict[str, list[psutil.Process]] = {"lrs up": [self.process]}
        for child in self.process.children():
            kind = _kind(child)
            found.setdefault(kind, []).append(child)
            found[kind] += child.children(recursive=True)
        return found


@contextmanager
def running(data: Path, workers: int, *, followers: bool = True) -> Iterator[Stack]:
    """Start it, wait for its first answer, and stop it at the end; without ``followers``, no relay and consumers."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LRS_")}
    environment |= {
        "LRS_PORT": str(port),
        "LRS_DATA": str(data),
        "LRS_KEY": _KEY,
        "LRS_SECRET": _SECRET,
        "LRS_WORKERS": str(workers),
    }
    began = time.perf_counter()
    process = subprocess.Popen(
        [Path(sys.executable).with_name("lrs"), "up", "--followers" if followers else "--no-followers"],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for_answer(port, "/xapi/about", [process])
        seconds = time.perf_counter() - began
        settings = load({name: value for name, value in environment.items() if name.startswith("LRS_")})
        yield Stack(Endpoint(port, _KEY, _SECRET), psutil.Process(process.pid), settings, seconds)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE)


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def wait_for_answer(port: int, path: str, processes: "Sequence[subprocess.Popen[bytes]]") -> None:
    """Wait until whoever serves this port answers at all. Raises RuntimeError if one of the processes ends first."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        for process in processes:
            if process.poll() is not None:
                raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        connection = HTTPConnection("127.0.0.1", port, timeout=0.5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status < 500:
                return
        except (OSError, HTTPException):
            time.sleep(0.01)
        finally:
            connection.close()
    raise TimeoutError(f"nobody answers on port {port}")


def _kind(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    for kind in ("postgres", "nats-server", "relay", "consume", "notary"):
        if kind in command:
            return kind
    return "worker"
