"""`lrs notary` as a program: killed at any moment, and twice at once."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lrs.audit.tree import tree_log
from lrs.audit.tree.memory import Memory
from lrs.audit.tree.proof import check_consistency, consistency
from lrs.settings import SettingsError, load
from lrs.store import Stores
from tests.audit.tree.given import Log
from tests.store.conftest import MASTER
from tests.store.given import append, statement

PATIENCE = 60.0
_RUN = """
import lrs.audit.tree.notary as notary, lrs.audit.tree.store_notary as store_notary
notary.POLL, notary._TRY_AGAIN, store_notary._BATCH = 0.05, 0.02, 50
settle = notary.time.sleep
notary.time.sleep = lambda seconds: settle(min(seconds, 0.02))
from lrs.cli.main import app
app(["notary"])
"""


class Process:
    """`lrs notary`, which signs as often as it can."""

    def __init__(self, url: str, data: Path) -> None:
        others = {name: value for name, value in os.environ.items() if not name.startswith("LRS_")}
        ours = {"DATABASE_URL": url, "MASTER_KEY": "00" * 32, "DATA": str(data), "NOTARY_SECONDS": "1"}
        environment = others | {f"LRS_{name}": value for name, value in ours.items()}
        self._process = subprocess.Popen([sys.executable, "-c", _RUN], env=environment, stderr=subprocess.PIPE)

    def line(self) -> str:
        """What it says next."""
        assert self._process.stderr is not None
        return self._process.stderr.readline().decode()

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """End it by a signal; gives its exit code and what it said."""
        self._process.send_signal(number)
        _, said = self._process.communicate(timeout=30)
        return self._process.returncode, said.decode()


def until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.01)  # nothing tells


def served(log: Log) -> int:
    """Size of the checkpoint that is served; -1 if there is none."""
    state = tree_log.state(log.connection)
    return -1 if state is None or state.checkpoint is None else log.verified(state.checkpoint).size


@contextmanager
def writing(log: Log) -> Iterator[None]:
    """Somebody appends all the time."""
    ended = threading.Event()

    async def write() -> None:
        stores = Stores(log.url, MASTER)
        store = await stores.get(log.store)
        while not ended.wait(0.02):
            await append(store, *[statement() for _ in range(23)])
        await stores.close()

    thread = threading.Thread(target=lambda: asyncio.run(write()))
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def caught_up(log: Log) -> None:
    until(lambda: served(log) == tree_log.head(log.connection))
    last = log.served()
    assert last.root == log.root(last.size)


def test_killed_again_and_again_while_the_log_grows(log: Log, tmp_path: Path) -> None:
    seen = []
    with writing(log):
        size = -1
        for _ in range(3):
            notary = Process(log.url, tmp_path)
            until(lambda size=size: served(log) > size)  # type: ignore[misc]
            notary.end(signal.SIGKILL)
            size = served(log)
            seen += [log.served(), log.verified(Memory(tmp_path / "notary").recall("default") or "")]
    notary = Process(log.url, tmp_path)
    caught_up(log)
    assert notary.end(signal.SIGTERM) == (0, "lrs notary: signing\n")
    last, hash_of = log.served(), tree_log.nodes(log.connection).hash_of
    for earlier in seen:
        proof = consistency(earlier.size, last.size, hash_of)
        check_consistency(earlier.size, earlier.root, last.size, last.root, proof)


def test_of_two_one_waits_and_takes_over(log: Log, tmp_path: Path) -> None:
    log.record(10)
    first = Process(log.url, tmp_path / "a")
    caught_up(log)
    second = Process(log.url, tmp_path / "b")
    assert second.line() == "lrs notary: another notary is active: waiting to take over\n"
    with writing(log):
        size = served(log)
        until(lambda: served(log) > size)
        first.end(signal.SIGKILL)
        size = served(log)
        until(lambda: served(log) > size)
    caught_up(log)
    assert second.end(signal.SIGINT) == (0, "lrs notary: signing\n")


def test_a_lost_connection_is_found_again_and_a_bad_store_holds_up_no_other(log: Log, tmp_path: Path) -> None:
    other = Log(log.url, "other")
    log.record(5)
    other.record(5)
    notary = Process(log.url, tmp_path)
    until(lambda: served(log) == served(other) == 5)
    with log.tampering() as connection:
        connection.execute("DELETE FROM stored_events WHERE notification_id = 3")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vliegwiel notary'"
        )
    log.record(1)
    other.record(1)
    until(lambda: served(other) == 6)
    other.record(1)
    until(lambda: served(other) == 7)
    assert served(log) == 5
    other.close()
    code, said = notary.end(signal.SIGTERM)
    assert code == 0
    assert said.count("lrs notary: default: position 3 is missing from the log\n") == 1
    assert "the database is back" in said


def test_wrong_settings_are_said_in_a_line(tmp_path: Path) -> None:
    others = {name: value for name, value in os.environ.items() if not name.startswith("LRS_")}
    given = {"LRS_DATABASE_URL": "postgresql://x", "LRS_MASTER_KEY": "00" * 32, "LRS_WITNESSES": "https://w.example"}
    done = subprocess.run(
        [sys.executable, "-m", "lrs.cli.main", "notary"],
        env={**others, **given, "LRS_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("lrs: LRS_WITNESSES: 'https://w.example' is no verifier key")


@pytest.mark.parametrize(
    "variable", ["LRS_CHECKPOINT_WEBHOOK=ftp://x", "LRS_CHECKPOINT_SUBJECT=a b", "LRS_NOTARY_SECONDS=0"]
)
def test_settings_are_checked(variable: str) -> None:
    name, _, value = variable.partition("=")
    with pytest.raises(SettingsError, match=f"{name}: expected"):
        load({name: value})
