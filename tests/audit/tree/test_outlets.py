"""Where checkpoints go besides being served."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nats as nats_client
import pytest

from lrs.audit.tree.outlets import Outlets
from lrs.settings import Settings


@pytest.fixture
def hook() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A server that takes what is posted."""
    got: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            got.append((self.headers["x-vliegwiel-store"], body))
            self.send_response(200 if self.path == "/take" else 500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    thread.join()
    server.server_close()


def test_to_a_folder_and_a_webhook(tmp_path: Path, hook: tuple[str, list[tuple[str, str]]]) -> None:
    url, got = hook
    folder = tmp_path / "made" / "here"
    outlets = Outlets(Settings(checkpoint_folder=str(folder), checkpoint_webhook=f"{url}/take"))
    for store, note in (("default", "é 1\n"), ("default", "2\n"), ("other", "3\n")):
        outlets.send(store, note)
    assert got == [("default", "é 1\n"), ("default", "2\n"), ("other", "3\n")]
    assert (folder / "default.checkpoint").read_text(encoding="utf-8") == "2\n"
    assert sorted(file.name for file in folder.iterdir()) == ["default.checkpoint", "other.checkpoint"]


async def test_to_a_subject_of_nats(nats_url: str) -> None:
    client = await nats_client.connect(nats_url)
    heard = await client.subscribe("audit.checkpoints.>")
    await client.flush()
    outlets = Outlets(Settings(nats_url=nats_url, checkpoint_subject="audit.checkpoints"))
    await asyncio.to_thread(outlets.send, "default", "1\n")
    message = await heard.next_msg(timeout=10)
    assert (message.subject, message.data) == ("audit.checkpoints.default", b"1\n")
    await client.close()


def test_what_fails_is_said_once_and_holds_nothing_up(
    tmp_path: Path, hook: tuple[str, list[tuple[str, str]]], caplog: pytest.LogCaptureFixture
) -> None:
    url, got = hook
    (tmp_path / "file").touch()
    settings = Settings(
        checkpoint_folder=str(tmp_path / "file"),
        checkpoint_webhook=f"{url}/refuse",
        nats_url="nats://127.0.0.1:1",
        checkpoint_subject="a",
    )
    outlets = Outlets(settings)
    with caplog.at_level(logging.WARNING, logger="lrs.audit.tree.outlets"):
        outlets.send("default", "1\n")
        outlets.send("default", "2\n")
        assert [note for _, note in got] == ["1\n", "2\n"]
        ours = [one.getMessage() for one in caplog.records if one.name == "lrs.audit.tree.outlets"]
        assert [line.split(":")[1] for line in ours] == [
            f" the checkpoint did not reach the {name}" for name in ("folder", "webhook", "NATS")
        ]
        (tmp_path / "file").unlink()
        outlets.send("default", "3\n")
    assert caplog.messages[-1] == "default: checkpoints reach the folder again"
    assert (tmp_path / "file" / "default.checkpoint").read_text() == "3\n"
