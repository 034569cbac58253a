"""Changing the master key: every key is wrapped anew, whatever happens meanwhile."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from lrs.credential import Registry
from lrs.seal import MasterKey, WrongMasterKey
from lrs.store import Store, Stores
from lrs.store.key_rotation import Wrapped, check, rotate
from lrs.store.opens import require_opens
from tests.local.upped import until
from tests.store.conftest import MASTER
from tests.store.given import append, found, statement, who

OLD, NEW = bytes(32), bytes(range(32))
BOTH = MasterKey(NEW, OLD)
ROTATE = [sys.executable, "-m", "lrs.cli.main", "key", "rotate"]
VERSION = {"X-Experience-API-Version": "1.0.3"}


def ignore(_schema: str, _seen: int) -> None:
    pass


def checked(url: str, *keys: bytes) -> dict[str, tuple[int, int, int]]:
    return {one.schema: (one.first, one.others, one.unknown) for one in check(url, MasterKey(*keys), ignore)}


def log_of(url: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT * FROM store_default.stored_events ORDER BY notification_id").fetchall()


def environment(url: str, *keys: bytes) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("LRS_")}
    given = {"DATABASE_URL": url, "PORT": "0", "NATS_URL": "nats://127.0.0.1:1"}
    given["MASTER_KEY"] = " ".join(key.hex() for key in keys)
    return others | {f"LRS_{name}": value for name, value in given.items()}


def lrs(url: str, *arguments: str, keys: tuple[bytes, ...] = (NEW, OLD)) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lrs.cli.main", *arguments]
    return subprocess.run(command, env=environment(url, *keys), capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def credential(migrated_url: str) -> tuple[str, str]:
    """A credential, so that the control schema has its secret as well."""
    registry = Registry(migrated_url, MASTER, "http://localhost")
    registry.register_store("default", "", by="test")
    handed = registry.issue("default", ["all"], by="test")
    registry.close()
    return handed.credential.key, handed.secret.reveal()


@pytest.mark.usefixtures("credential")
async def test_all_keys_are_wrapped_anew_and_nothing_else_changes(store: Store, migrated_url: str) -> None:
    one = statement("bea")
    await append(store, one)
    log = log_of(migrated_url)
    assert checked(migrated_url, OLD) == {"store_default": (2, 0, 0), "vliegwiel": (1, 0, 0)}
    assert checked(migrated_url, NEW) == {"store_default": (0, 0, 2), "vliegwiel": (0, 0, 1)}
    before = rotate(migrated_url, BOTH, ignore)
    assert before == [Wrapped("store_default", others=2), Wrapped("vliegwiel", others=1)]
    assert checked(migrated_url, NEW, OLD) == {"store_default": (2, 0, 0), "vliegwiel": (1, 0, 0)}
    assert checked(migrated_url, OLD) == {"store_default": (0, 0, 2), "vliegwiel": (0, 0, 1)}
    assert log_of(migrated_url) == log
    after = Stores(migrated_url, MasterKey(NEW))
    assert await found(await after.get("default"), agent=who("bea")) == [one["id"]]
    await after.close()
    require_opens(migrated_url, MasterKey(NEW))
    with pytest.raises(WrongMasterKey):
        require_opens(migrated_url, MasterKey(OLD))
    assert [wrapped.others for wrapped in rotate(migrated_url, BOTH, ignore)] == [0, 0]


async def test_a_key_that_nothing_given_opens_is_left_and_told(store: Store, migrated_url: str) -> None:
    await append(store, statement("bea"), statement("cas"))
    with psycopg.connect(migrated_url) as connection:
        connection.execute(
            "UPDATE store_default.person_keys SET wrapped = '\\x00' WHERE key_id = "
            "(SELECT min(key_id::text)::uuid FROM store_default.person_keys)"
        )
    done = lrs(migrated_url, "key", "rotate")
    assert done.returncode == 1
    assert "1 keys open with none of the master keys given" in done.stdout
    assert checked(migrated_url, NEW) == {"store_default": (2, 0, 1), "vliegwiel": (0, 0, 0)}


async def test_a_key_that_is_lost_is_counted(store: Store, migrated_url: str) -> None:
    await append(store, statement("bea"), statement("cas"))
    with psycopg.connect(migrated_url) as connection:
        connection.execute("SET search_path = store_default")
        connection.execute("DELETE FROM person_keys WHERE ctid = (SELECT min(ctid) FROM person_keys)")
    assert [one.lost for one in check(migrated_url, MASTER, ignore)] == [1, 0]
    done = lrs(migrated_url, "key", "check", keys=(OLD,))
    assert done.returncode == 1
    assert "1 persons have no key, though nobody erased them" in done.stdout


def kill_a_rotation(url: str) -> None:
    """Begin one and kill it when it is in the middle."""
    with psycopg.connect(url) as holding:
        # The last key is held, so that the rotation stands still before its second page of persons.
        holding.execute("SELECT FROM store_default.person_keys ORDER BY key_id DESC LIMIT 1 FOR UPDATE")
        with subprocess.Popen(ROTATE, env=environment(url, NEW, OLD)) as rotating:
            try:
                until(lambda: checked(url, NEW, OLD)["store_default"][0] > 900, "the first page to be committed")
            finally:
                rotating.kill()
        # Postgres would still finish what it waits with, as soon as it may.
        with psycopg.connect(url) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'vliegwiel key rotation'"
            )


async def test_a_rotation_that_was_killed_is_begun_again(stores: Stores, store: Store, migrated_url: str) -> None:
    one = statement("p1")
    await append(store, one)
    await store.keys.of([who(f"p{number}") for number in range(1_500)])
    await asyncio.to_thread(kill_a_rotation, migrated_url)
    first, others, unknown = checked(migrated_url, NEW, OLD)["store_default"]
    assert (first + others, unknown) == (1_501, 0)
    assert others > 0
    await stores.close()
    between = Stores(migrated_url, BOTH)
    assert await found(await between.get("default"), agent=who("p1")) == [one["id"]]
    await between.close()
    done = lrs(migrated_url, "key", "rotate")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{others:,} keys were wrapped anew." in done.stdout
    assert checked(migrated_url, NEW) == {"store_default": (1_501, 0, 0), "vliegwiel": (0, 0, 0)}


@contextmanager
def serving(url: str, *keys: bytes) -> Iterator[httpx.Client]:
    """A server of two workers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    given = environment(url, *keys) | {"LRS_PORT": str(port), "LRS_WORKERS": "2"}
    process = subprocess.Popen([sys.executable, "-m", "lrs.cli.main", "serve"], env=given, stdout=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=VERSION, timeout=60) as client:
            until(lambda: process.poll() is not None or ready(client), "the server")
            yield client
    finally:
        process.terminate()
        process.wait()


def ready(client: httpx.Client) -> bool:
    try:
        return client.get("/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def test_two_workers_serve_while_keys_are_rotated(migrated_url: str, credential: tuple[str, str]) -> None:
    sent = []
    with serving(migrated_url, NEW, OLD) as client:
        client.auth = credential
        for number in range(20):
            sent.append(one := statement(f"before{number}"))
            assert client.post("/xapi/statements", json=one).status_code == 200
        with subprocess.Popen(ROTATE, env=environment(migrated_url, NEW, OLD)) as rotating:
            number = 0
            while rotating.poll() is None or number < 20:
                number += 1
                sent.append(one := statement(f"during{number}"))
                assert client.post("/xapi/statements", json=one, headers={"Connection": "close"}).status_code == 200
                again = client.get("/xapi/statements", params={"statementId": sent[number % 20]["id"]})
                assert again.status_code == 200, again.text
        assert rotating.returncode == 0
    with serving(migrated_url, NEW) as client:
        client.auth = credential
        for one in sent:
            assert client.get("/xapi/statements", params={"statementId": one["id"]}).status_code == 200
    assert lrs(migrated_url, "key", "check", keys=(NEW,)).returncode == 0


@pytest.mark.parametrize(
    "command", [("serve",), ("relay",), ("notary",), ("retention", "run", "--daily"), ("policy", "show")]
)
@pytest.mark.usefixtures("credential")
async def test_a_wrong_key_is_one_line_wherever_something_starts(
    store: Store, migrated_url: str, command: tuple[str, ...]
) -> None:
    await append(store, statement())
    done = lrs(migrated_url, *command, keys=(NEW,))
    assert done.returncode == 2
    assert done.stderr == (
        "lrs: the master key does not open the stored keys; start with the key this database was created with\n"
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("DELETE FROM store_default.secrets", "keys that are needed here are lost"),
        ("DELETE FROM store_default.person_keys", "keys that are needed here are lost"),
        (
            "UPDATE store_default.person_keys SET wrapped = '\\x00'",
            "keys that are needed here are lost, damaged",
        ),
        ("UPDATE store_default.secrets SET wrapped = '\\x00'", "a master key that does not open what is stored"),
    ],
)
async def test_keys_that_fail_later_are_told_over_http(
    store: Store, migrated_url: str, credential: tuple[str, str], change: str, words: str
) -> None:
    await append(store, statement())
    with psycopg.connect(migrated_url) as connection:
        connection.execute(change)
    answer = await asyncio.to_thread(ask, migrated_url, credential)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]


def ask(url: str, credential: tuple[str, str]) -> httpx.Response:
    with serving(url, OLD) as client:
        return client.get("/xapi/statements", auth=credential)


def test_check_says_what_is_to_be_done(migrated_url: str, credential: tuple[str, str], tmp_path: Path) -> None:
    assert credential
    good = lrs(migrated_url, "key", "check", keys=(OLD,))
    assert (good.returncode, good.stdout.splitlines()[-1]) == (0, "All 1 keys are wrapped by the master key.")
    between = lrs(migrated_url, "key", "check")
    assert between.returncode == 1
    assert "`lrs key rotate` wraps them anew" in between.stdout
    wrong = lrs(migrated_url, "key", "check", "--json", keys=(NEW,))
    assert wrong.returncode == 1
    assert '"unknown": 1' in wrong.stdout
    away = lrs(f"postgresql:///?host={tmp_path}", "key", "check")
    assert away.returncode == 2
    assert away.stderr.startswith("lrs: the database does not answer")
