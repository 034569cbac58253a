"""`lrs migrate` and `lrs serve`: the parts alone, with servers that others run."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import httpx
import psutil
import pytest

from lrs.cli.workers import workers
from lrs.errors import NotMigrated
from lrs.index.version import VERSION
from lrs.local.listener import listen
from lrs.migrated import require_migrated
from lrs.seal import MasterKey
from lrs.settings import Settings
from lrs.store import Stores
from tests.local.upped import STATEMENT, until
from tests.stoppable_database import StoppableDatabase
from tests.store.given import leave_as_another_version, prepared, statement


@pytest.fixture
def environment(database_url: str) -> Mapping[str, str]:
    given = {"DATABASE_URL": database_url, "MASTER_KEY": "ab" * 32, "KEY": "k", "SECRET": "s", "PORT": "0"}
    others = {name: value for name, value in os.environ.items() if not name.startswith("LRS_")}
    return others | {f"LRS_{name}": value for name, value in given.items()}


def lrs(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lrs.cli.main", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def migrated(environment: Mapping[str, str]) -> Mapping[str, str]:
    done = lrs(environment, "migrate")
    assert done.returncode == 0, done.stderr
    return environment


@pytest.fixture
def serving(migrated: Mapping[str, str], request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "lrs.cli.main", "serve"]
    environment = {**migrated, "LRS_PUBLIC_URL": "https://lrs.example.org", "LRS_WORKERS": request.param}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_worker_is_ready_when_it_serves_itself(migrated: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in migrated.items():
        monkeypatch.setenv(name, value)
    with ExitStack() as running, listen("127.0.0.1", 0, workers=2) as listeners:
        prepare = workers(listeners, Settings(port=listeners[0].getsockname()[1]), {})
        for one in prepare:
            program = one()
            process = program.start()
            running.callback(program.stop, process)
            # That another one answers at this address already says nothing of it.
            assert not program.ready(process)
            until(partial(program.ready, process), "the worker to be ready")
        assert answers(f"http://127.0.0.1:{listeners[0].getsockname()[1]}/health/ready")


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def test_migrating_again_does_nothing(migrated: Mapping[str, str]) -> None:
    assert lrs(migrated, "migrate").stdout == "up to date\n"


def test_the_store_that_migrating_makes_can_be_given_credentials(environment: Mapping[str, str]) -> None:
    environment = {**environment, "LRS_KEY": "", "LRS_SECRET": ""}
    assert lrs(environment, "migrate").returncode == 0
    assert lrs(environment, "credential", "create").returncode == 0


def test_migrating_needs_no_master_key_and_refuses_a_wrong_one(migrated: Mapping[str, str]) -> None:
    migrated = {**migrated, "LRS_KEY": "", "LRS_SECRET": ""}
    assert lrs({**migrated, "LRS_MASTER_KEY": ""}, "migrate").stdout == "up to date\n"
    refused = lrs({**migrated, "LRS_MASTER_KEY": "cd" * 32}, "migrate")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("lrs: the master key does not open the stored keys")


def test_migrating_says_what_became_of_the_given_credential(environment: Mapping[str, str]) -> None:
    said = [lrs({**environment, "LRS_SECRET": secret}, "migrate").stdout for secret in ("unseen", "hidden")]
    assert said[0].endswith("\napplied store default\napplied credential k: issued\n")
    assert said[1] == "applied credential k: rotated\n"


@pytest.mark.parametrize(("given", "missing"), [("LRS_KEY", "LRS_SECRET"), ("LRS_SECRET", "LRS_KEY")])
def test_half_a_credential_is_refused_before_anything_is_made(
    environment: Mapping[str, str], database_url: str, given: str, missing: str
) -> None:
    refused = lrs({**environment, missing: ""}, "migrate")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"lrs: {given} is given without {missing}: set both, or neither")
    with pytest.raises(NotMigrated):
        require_migrated(database_url)


@pytest.mark.parametrize(
    ("serving", "number"),
    [("1", signal.SIGINT), ("2", signal.SIGINT), ("2", signal.SIGTERM), ("1", signal.SIGHUP)],
    indirect=["serving"],
)
def test_it_serves_until_asked_to_stop(serving: subprocess.Popen[str], number: signal.Signals) -> None:
    assert serving.stdout
    said = serving.stdout.readline()
    where = re.fullmatch(
        r"Serving xAPI at https://lrs\.example\.org/xapi, listening on 127\.0\.0\.1 port (\d+)\n", said
    )
    assert where, said
    url = f"http://127.0.0.1:{where[1]}"
    until(lambda: answers(f"{url}/health/ready"), "the server to answer")
    version = {"X-Experience-API-Version": "1.0.3"}
    sent = httpx.post(f"{url}/xapi/statements", json=STATEMENT, auth=("k", "s"), headers=version, timeout=30)
    assert sent.status_code == 200
    children = psutil.Process(serving.pid).children(recursive=True)
    serving.send_signal(number)
    assert serving.wait(120) == 0
    assert [child for child in children if child.is_running()] == []


_TELLING = """
import sys
from uvicorn.server import Server
from lrs.cli import main, serve
shutdown = Server.shutdown
async def told(*arguments, **named):
    print("shutting down", flush=True)
    await shutdown(*arguments, **named)
Server.shutdown = told
serve.end_within = lambda _: print("has an end", flush=True)
sys.argv = ["lrs", "serve"]
main.main()
"""


def test_its_end_is_near_from_the_moment_it_is_asked(migrated: Mapping[str, str]) -> None:
    """Not once all that it waits for has come: a database that says nothing never does."""
    with subprocess.Popen([sys.executable, "-c", _TELLING], env=migrated, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        where = re.fullmatch(r"Serving xAPI at (http.*)/xapi\n", process.stdout.readline())
        assert where
        until(lambda: answers(f"{where[1]}/health/ready"), "the server to answer")
        process.terminate()
        assert process.stdout.read().splitlines()[:2] == ["has an end", "shutting down"]


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_without_a_database_it_says_what_to_set(tmp_path: Path, command: str) -> None:
    refused = lrs({"LRS_DATA": str(tmp_path)}, command)
    assert refused.returncode == 2
    assert refused.stderr == (
        f"lrs: LRS_DATABASE_URL is not set, and no `lrs up` is running on the data folder {tmp_path}: "
        "set one or start the other\n"
    )


UNMIGRATED = "lrs: the database has no tables of ours yet: run `lrs migrate` first\n"


def test_it_doesn_t_serve_a_database_that_was_never_migrated(environment: Mapping[str, str]) -> None:
    refused = lrs(environment, "serve")
    assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", UNMIGRATED)


def test_where_nothing_was_ever_migrated_all_say_so(
    environment: Mapping[str, str], stoppable_database: StoppableDatabase, tmp_path: Path
) -> None:
    # A server of its own: on the shared one others have made our role.
    environment = {**environment, "LRS_DATABASE_URL": stoppable_database.server.url(), "LRS_DATA": str(tmp_path)}
    (tmp_path / "export").write_text("{}")
    commands = ["serve", "relay", "consume", "notary", "credential list", "verify", f"import {tmp_path / 'export'}"]
    with ThreadPoolExecutor() as threads:
        for refused in threads.map(lambda command: lrs(environment, *command.split()), commands):
            assert (refused.returncode in {1, 2}, refused.stderr) == (True, UNMIGRATED), refused.args


@pytest.fixture
def stale(migrated: Mapping[str, str]) -> Mapping[str, str]:
    """A database with a statement, whose index another version made."""

    async def fill() -> None:
        stores = Stores(migrated["LRS_DATABASE_URL"], MasterKey.parse(migrated["LRS_MASTER_KEY"]))
        store = await stores.get("default")
        await store.append(prepared(statement()), defines=True, contents={})
        await stores.close()

    asyncio.run(fill())
    leave_as_another_version(migrated["LRS_DATABASE_URL"], "store_default")
    return migrated


def test_what_depends_on_the_index_doesn_t_start_on_one_of_another_version(
    stale: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "export").write_text("{}")
    commands = [
        *("serve", "relay", "consume", "notary", "retention run --daily", f"import {tmp_path / 'export'}"),
        *("erase ann@example.org", "subject export ann@example.org", "replay --learner ann@example.org", "audit check"),
    ]
    with ThreadPoolExecutor() as threads:
        for refused in threads.map(lambda command: lrs(stale, *command.split()), commands):
            assert (refused.returncode in {1, 2}, refused.stdout) == (True, ""), refused.args
            assert refused.stderr == (
                "lrs: the statement index was made by another version and doesn't find everything: "
                "run `lrs migrate` first\n"
            ), refused.args


def test_migrating_rebuilds_an_index_of_another_version(stale: Mapping[str, str]) -> None:
    without_key = lrs({**stale, "LRS_MASTER_KEY": "", "LRS_KEY": "", "LRS_SECRET": ""}, "migrate")
    assert (without_key.returncode, without_key.stdout, without_key.stderr.count("\n")) == (1, "", 1)
    assert "to rebuild it takes the master key: set LRS_MASTER_KEY" in without_key.stderr
    done = lrs(stale, "migrate")
    assert (done.returncode, done.stdout) == (0, f"applied store_default: statement index, version {VERSION}\n")
    assert done.stderr.startswith(
        "lrs: the statement index of store_default was made by another version: it is rebuilt"
    )
    assert lrs(stale, "migrate").stdout == "up to date\n"
    assert lrs(stale, "rebuild", "index", "--check").returncode == 0


def test_serving_says_why_it_can_t_yet(environment: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "lrs.cli.main", "serve"]
    environment = {**environment, "LRS_DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        told = process.stderr.readline()
        process.terminate()
    assert told.startswith("lrs: the database does not answer (connection failed: ")
    assert told.endswith("); trying until it does\n")


def test_a_database_that_is_away_is_one_line(environment: Mapping[str, str]) -> None:
    refused = lrs({**environment, "LRS_DATABASE_URL": "postgresql://127.0.0.1:1/none"}, "migrate")
    assert refused.returncode == 2
    assert refused.stderr.startswith("lrs: the database does not answer: ")
    assert refused.stderr.count("\n") == 1
