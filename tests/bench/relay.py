"""How fast the relay is, beside reading the same rows: ``python -m tests.bench.relay [STATEMENTS]``."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import nats
import psycopg
from nats.js.errors import NotFoundError
from rich.console import Console

from lrs.local.nats import Nats
from lrs.local.postgres import Postgres
from lrs.local.program import Program
from lrs.log.datastore import session
from lrs.log.messages import MessageLog
from lrs.seal import MasterKey
from lrs.statement import Limits, parse, prepare
from lrs.store import Stores, create_store, migrate
from lrs.store_name import schema_of
from schemas.message import encode_message, stream_name
from schemas.xapi import Account, Actor
from tests.bench.report import Table
from tests.bench.world import World

_KEY = "0" * 64
_BATCH = 500
_END = 2**63 - 1
_Seen = tuple[float, int]


def relay_rates(database_url: str, nats_url: str, statements: int, store: str = "default") -> Table:
    """Fill a new store, then read its rows, make messages of them, and relay them: events per second of each."""
    migrate(database_url)
    create_store(database_url, store)
    asyncio.run(_fill(database_url, store, statements))
    rows, messages = _rows(database_url, store), _messages(database_url, store)
    relayed, processor = _relayed(database_url, nats_url, store, statements)
    return Table(
        f"Relaying {statements:,} statements into JetStream",
        ["", "events/s", "part of reading rows", "processor ms/event"],
        [
            ["limit: reading the rows of the log", f"{rows:,.0f}", "1", ""],
            ["reading, opening and encoding messages", f"{messages:,.0f}", f"{messages / rows:.2f}", ""],
            ["relayed, `lrs relay`", f"{relayed:,.0f}", f"{relayed / rows:.2f}", f"{processor * 1e3:.3f}"],
        ],
    )


async def _fill(url: str, name: str, statements: int) -> None:
    stores = Stores(url, MasterKey.parse(_KEY))
    store = await stores.get(name)
    voucher = Actor(object_type="Agent", account=Account("https://lrs.example.org", "bench"))
    batches = World(1).batches(min(_BATCH, statements))
    for _ in range(max(1, statements // _BATCH)):
        parsed = parse(next(batches), "2.0.0", Limits())
        prepared = [prepare(one, authority=voucher, version="2.0.0") for one in parsed]
        await store.append(prepared, defines=True, contents={})
    await stores.close()


@contextmanager
def _reading(url: str, store: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(url) as connection:
        session(connection, schema_of(store))
        yield connection


def _rows(url: str, store: str) -> float:
    count, position, began = 0, 0, time.perf_counter()
    with _reading(url, store) as connection:
        while found := connection.execute(
            "SELECT originator_id, topic, notification_id, stored, state FROM stored_events"
            " WHERE notification_id > %s ORDER BY notification_id LIMIT %s",
            [position, _BATCH],
            binary=True,
        ).fetchall():
            count, position = count + len(found), found[-1][2]
    return count / (time.perf_counter() - began)


def _messages(url: str, store: str) -> float:
    count, position, began = 0, 0, time.perf_counter()
    with _reading(url, store) as connection, connection.cursor() as cursor:
        log = MessageLog(connection, store, MasterKey.parse(_KEY))
        while found := log.after(cursor, position, _END, _BATCH):
            count, position = count + sum(1 for one in found if encode_message(one)), found[-1].position
    return count / (time.perf_counter() - began)


def _relayed(database_url: str, nats_url: str, store: str, statements: int) -> tuple[float, float]:
    """Give events per second, from the first that is seen in the stream to the last, and processor seconds of each."""
    environment = {"LRS_DATABASE_URL": database_url, "LRS_NATS_URL": nats_url, "LRS_MASTER_KEY": _KEY}
    relay = subprocess.Popen(
        [sys.executable, "-c", "from lrs.cli.relay import relay; relay()"], env={**os.environ, **environment}
    )
    try:
        (began, first), (ended, last) = asyncio.run(_watch(nats_url, store, statements, relay))
    finally:
        relay.terminate()
        _, _, usage = os.wait4(relay.pid, 0)
        relay.returncode = 0
    rate = (last - first) / (ended - began) if last > first else 0.0
    return rate, (usage.ru_utime + usage.ru_stime) / statements


async def _watch(nats_url: str, store: str, statements: int, relay: "subprocess.Popen[bytes]") -> tuple[_Seen, _Seen]:
    """Give when the stream was first and last looked at, and how many messages it held."""
    client = await nats.connect(nats_url)
    stream = client.jetstream()
    seen: list[_Seen] = []
    while not seen or seen[-1][1] < statements:
        if relay.poll() is not None:
            raise RuntimeError(f"the relay ended with {relay.returncode}")
        with suppress(NotFoundError):
            messages = (await stream.stream_info(stream_name(store))).state.messages
            if messages:
                seen.append((time.perf_counter(), messages))
        await asyncio.sleep(0.005)
    await client.close()
    return seen[0], seen[-1]


def _running(program: Program) -> "subprocess.Popen[bytes]":
    process = program.start()
    program.wait_until_ready(process, time.sleep)
    return process


def main(statements: int) -> None:
    """Start servers as `lrs up` does, measure, and show."""
    with tempfile.TemporaryDirectory(prefix="vw-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # servers run as another account when we are root
        postgres, server = (
            Postgres(folder / "postgres", log=folder / "postgres.log"),
            Nats(folder / "nats", log=folder / "nats.log"),
        )
        started: list[tuple[Program, subprocess.Popen[bytes]]] = []
        try:
            for one in (postgres, server):
                program = one.program()
                started.append((program, _running(program)))
            postgres.create_database()
            Console().print(relay_rates(postgres.url(), server.url, statements).rich())
        finally:
            for program, process in reversed(started):
                program.stop(process)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
