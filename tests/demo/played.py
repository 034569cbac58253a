"""Everything running with the demo organisation in it, as `make demo` starts it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.local.upped import Up, until

WRITTEN = "Look around as one of them"


class Demo:
    """The running demo."""

    def __init__(self, up: Up) -> None:
        self.up = up
        with up.client() as client:
            self.url = str(client.base_url).removesuffix("/xapi/")
            self._auth = client.auth

    def insights(self, path: str, **params: Any) -> Any:
        """Give an answer of the read API."""
        answer = httpx.get(f"{self.url}/insights/v1{path}", params=params, auth=self._auth, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def caught_up(self) -> bool:
        """Tell whether all that was written is in the figures."""
        found = self.insights("/positions")
        return len(found["projections"]) >= 4 and found["lag"]["positions"] == 0

    def statements(self, **params: Any) -> list[dict[str, Any]]:
        """Give the newest statements that match, a thousand at most."""
        with self.up.client() as client:
            answer = client.get("/statements", params={"limit": 1000, **params})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["statements"]
        return found

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run an `lrs` command beside it."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LRS_")}
        return subprocess.run(
            [sys.executable, "-m", "lrs.cli.main", *arguments],
            env=environment | {"LRS_DATA": str(self.up.data)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@contextmanager
def played() -> Iterator[Demo]:
    """Start everything and wait until the demo is written."""
    with tempfile.TemporaryDirectory(prefix="vw-") as folder:
        up = Up(Path(folder) / "data", "--demo")
        try:
            up.wait_until_ready()
            until(lambda: WRITTEN in up.output or up.process.poll() is not None, "the demo to be written", 180)
            demo = Demo(up)
            until(demo.caught_up, "the figures", 180)
            yield demo
        finally:
            if up.process.poll() is None:
                up.stop()
