"""More clients than a process may have open files are told so, and the others are answered."""

import re
import resource
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from lrs.protocol import make_room
from tests.local.upped import STATEMENT, until

VERSION = {"X-Experience-API-Version": "1.0.3"}
MOST = 150
"""Open files."""


def test_clients_beyond_the_open_files_are_told_and_the_others_answered(database_url: str, tmp_path: Path) -> None:
    given = {"DATABASE_URL": database_url, "MASTER_KEY": "ab" * 32, "KEY": "k", "SECRET": "s", "PORT": "0"}
    environment = {"LRS_DATA": str(tmp_path), **{f"LRS_{name}": value for name, value in given.items()}}
    lrs = [sys.executable, "-m", "lrs.cli.main"]
    subprocess.run([*lrs, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
    limited = ["/bin/sh", "-c", f'ulimit -n {MOST}; exec "$@"', "sh", *lrs, "serve"]
    with ExitStack() as open_:
        process = open_.enter_context(subprocess.Popen(limited, env=environment, stdout=subprocess.PIPE, text=True))
        open_.callback(process.terminate)
        assert process.stdout
        port = int(re.findall(r":(\d+)/xapi", process.stdout.readline())[0])
        address = ("127.0.0.1", port)
        url = f"http://127.0.0.1:{port}"
        client = open_.enter_context(httpx.Client(timeout=30))
        until(lambda: answers(client.get, url), "the server to answer")
        others = [open_.enter_context(socket.create_connection(address)) for _ in range(MOST // 2 - 1)]
        told = [open_.enter_context(socket.create_connection(address)) for _ in range(MOST // 4)]
        for one in told:
            one.settimeout(30)
            with one.makefile("rb") as answer:
                head, _, body = answer.read().partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 503 ")
            assert b"\r\nretry-after: 2" in head
            assert b"\r\nx-experience-api-version: 1.0.3" in head
            assert b"there are 75 connections already" in body
        posted = client.post(f"{url}/xapi/statements", json=STATEMENT, auth=("k", "s"), headers=VERSION)
        assert posted.status_code == 200, posted.text
        others.pop().close()
        until(lambda: answers(httpx.get, url), "the room that is free again to be found")


def answers(get: Callable[[str], httpx.Response], url: str) -> bool:
    try:
        return get(f"{url}/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def test_the_limit_is_raised_as_far_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {"now": (256, resource.RLIM_INFINITY)}

    def refuse_more_than_macos_takes(_: int, wanted: tuple[int, int]) -> None:
        if wanted[0] > 10_240:
            raise ValueError("current limit exceeds maximum limit")
        limits["now"] = wanted

    monkeypatch.setattr(resource, "getrlimit", lambda _: limits["now"])
    monkeypatch.setattr(resource, "setrlimit", refuse_more_than_macos_takes)
    assert make_room() == 10_240 - 512
    assert limits["now"] == (10_240, resource.RLIM_INFINITY)
    limits["now"] = (256, 4_096)
    assert make_room() == 4_096 - 512
    limits["now"] = (100_000, 100_000)
    assert make_room() == 100_000 - 512
