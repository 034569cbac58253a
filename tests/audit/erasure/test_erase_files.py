"""Nothing of an erased person is found in the files of Postgres and NATS, in what is printed, or in a rebuild."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from consumers.consume import Consume
from lrs.audit.erasure import Erasures
from lrs.audit.erasure.sweep import sweep
from lrs.configuration import ConfigurationLog
from lrs.document import Conditions, Content, Documents, Key, Place
from lrs.local.nats import Nats
from lrs.local.postgres import Postgres
from lrs.local.program import Program
from lrs.organisation import Directory, How
from lrs.store import Store, Stores, create_store, migrate
from projections.all import NAMES, projection_named
from tests.audit.erasure.given import Home, erase
from tests.document.given import LIMITS
from tests.organisation.given import JUNE, table
from tests.relay.given import eventually, relaying
from tests.store.conftest import MASTER
from tests.store.given import activity, person, prepared, statement, who

MARKER = b"zebrafinch"
"""In everything that is Ann's."""
COMPLETED = {"id": "http://adlnet.gov/expapi/verbs/completed"}


def _running(program: Program) -> Iterator[None]:
    process = program.start()
    try:
        program.wait_until_ready(process, time.sleep)
        yield
    finally:
        replace(program).stop(process)


@pytest.fixture
def servers(tmp_path_factory: pytest.TempPathFactory, server_folder: Path) -> Iterator[tuple[Postgres, Nats]]:
    """Servers of this test's own, whose files are searched. Files of the write-ahead log are used again, as usual."""
    folder = server_folder / tmp_path_factory.mktemp("own").name
    options = {"min_wal_size": "64MB", "max_wal_size": "96MB", "shared_buffers": "32MB"}
    postgres = Postgres(folder / "postgres", log=folder / "postgres.log", options=options)
    nats = Nats(folder / "nats", log=folder / "nats.log")
    for _ in _running(postgres.program()):
        for _ in _running(nats.program()):
            yield postgres, nats


def _found(folder: Path, *wanted: bytes) -> list[tuple[str, bytes]]:
    return [
        (str(path.relative_to(folder)), one)
        for path in folder.rglob("*")
        if path.is_file()
        for content in [path.read_bytes()]
        for one in wanted
        if one in content
    ]


@asynccontextmanager
async def _followed(url: str, nats_url: str) -> AsyncIterator[None]:
    """A relay and consumers of all projections run."""
    consume = Consume(url, MASTER, {"servers": nats_url}, [projection_named(name) for name in NAMES])
    async with relaying(url, nats_url):
        task = asyncio.create_task(consume.run())
        try:
            yield
        finally:
            consume.stop()
            await task


async def _tell(store: Store, directory: Directory) -> None:
    """Ann's marker goes wherever somebody's data can go."""
    marker = MARKER.decode()
    ann: dict[str, Any] = {"mbox": f"mailto:{marker}@example.org", "name": f"Ann {marker}"}
    content = f"attached {marker}".encode()
    attachment: dict[str, Any] = {
        "usageType": "http://example.org/usage",
        "display": {"en": marker},
        "contentType": "text/plain",
        "length": len(content),
        "sha2": sha256(content).hexdigest(),
    }
    told = [
        statement() | {"actor": ann, "result": {"response": f"I {marker}"}, "attachments": [attachment]},
        statement()
        | {"actor": ann, "verb": COMPLETED, "object": activity(f"{marker}-diary", name={"en": f"Diary of {marker}"})},
        statement() | {"actor": ann, "verb": {"id": f"http://example.org/verbs/{marker}"}},
        statement("bea", context={"instructor": ann}),
        statement("bea", {"objectType": "Group", "member": [ann, person("bea")]}),
        statement("cas", "course"),
    ]
    await store.append(prepared(*told), defines=True, contents={attachment["sha2"]: content})
    documents = Documents(store, LIMITS)
    me = f"mbox:{ann['mbox']}"
    for place in (
        Place(resource="state", activity="http://example.org/x", agent=me),
        Place(resource="agent_profile", agent=me),
    ):
        note = Content(f'{{"note":"{marker}"}}'.encode(), "application/json")
        await documents.put(Key(place, f"bookmark {marker}"), note, Conditions(), by="t", version="2.0.0")
    people = table(
        {"email": marker, "name": f"Ann {marker}", "team": "Sales", "manager": "yes", "time_zone": "Europe/Lisbon"},
        {"email": "bea", "team": "Sales", "manager": "no"},
    )
    await asyncio.to_thread(directory.take, people, "f", "people", How(JUNE, new_teams=True), by="test")


async def test_nothing_of_an_erased_person_is_in_any_file(
    servers: tuple[Postgres, Nats], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    postgres, nats = servers
    caplog.set_level(logging.DEBUG)
    postgres.create_database("north")
    url = postgres.url("north")
    migrate(url)
    create_store(url, "north")
    stores = Stores(url, MASTER)
    store = await stores.get("north")
    home = Home(url, "north")
    with closing(ConfigurationLog(url, "north", MASTER)) as log:
        async with _followed(url, nats.url):
            await _tell(store, Directory(log))
            both = [f"mbox:mailto:{MARKER.decode()}@example.org", who("bea")]
            keys = await store.keys.of(both)
            wrapped, kept = (
                bytes(home.value("SELECT wrapped FROM person_keys WHERE key_id = %s", keys[one].id)) for one in both
            )
            await eventually(lambda: _is_followed(home))
            # Autovacuum does this sooner or later: statistics keep copies of what is in the tables.
            home.connection.execute("ANALYZE")
            home.connection.execute("CHECKPOINT")
            assert str(keys[both[0]].learner) in _statistics(home)
            # They are there before: what is searched for can be found.
            assert _found(nats.folder, MARKER)
            assert {one for _, one in _found(postgres.folder, MARKER, wrapped, kept)} == {MARKER, wrapped, kept}
            before = home.log()
            done = await asyncio.to_thread(erase, Erasures(log), f"{MARKER.decode()}@example.org")
            await eventually(lambda: not Erasures(log).of(done.person).waits_for)
        assert home.log()[: len(before)] == before
        assert done.erased.counts["attachments"] == 1
        assert done.erased.counts["documents"] == 2
        assert done.erased.counts["managements"] == 1
        home.connection.execute("SELECT pg_switch_wal()")
        home.connection.execute("CHECKPOINT")
        assert [name for name, _ in _found(postgres.folder, MARKER) if "pg_wal" in name], "a file kept for later has it"
        swept = await asyncio.to_thread(sweep, url, "north")
        assert swept.statistics
        assert swept.checkpoint
        assert home.value("SELECT setting FROM pg_settings WHERE name = 'wal_recycle'") == "on"
        assert "person_keys" in swept.tables
        assert _found(postgres.folder, MARKER, wrapped) == []
        assert _found(nats.folder, MARKER) == []
        assert {one for _, one in _found(postgres.folder, kept)} == {kept}
        assert str(keys[both[0]].learner) not in _statistics(home)
        _nowhere(home, UUID(bytes=done.erased.learners[0]))
        assert home.differences() == []
        assert MARKER.decode() not in caplog.text
        assert MARKER.decode() not in "".join(capfd.readouterr())
        assert [one for one in postgres.folder.parent.glob("*.log") if MARKER in one.read_bytes()] == []
    home.close()
    await stores.close()


def _is_followed(home: Home) -> bool:
    rows = home.rows("SELECT position FROM projection_positions")
    head = home.value("SELECT max(notification_id) FROM stored_events")
    relayed = home.rows("SELECT position FROM relay_positions")
    return len(rows) == len(NAMES) and min(rows)[0] >= head and relayed == [(head,)]


def _statistics(home: Home) -> str:
    """All values that the database's statistics keep of tables but the log and the list of erasures."""
    columns = "most_common_vals, histogram_bounds, most_common_elems"
    return str(home.rows(f"SELECT {columns} FROM pg_stats WHERE tablename NOT IN ('stored_events', 'erasures')"))  # noqa: S608


def _nowhere(home: Home, learner: UUID) -> None:
    """No table but the log and the list of erasures knows the learner."""
    tables = home.rows("SELECT tablename FROM pg_tables WHERE schemaname = %s", home.schema)
    for (name,) in tables:
        if name not in {"stored_events", "erasures"}:
            content: Any = home.rows(f"SELECT * FROM {name}")  # noqa: S608
            assert str(learner) not in str(content), name


def test_an_owner_who_is_no_superuser_sweeps_what_they_may(servers: tuple[Postgres, Nats]) -> None:
    postgres, _ = servers
    postgres.create_database("north")
    with psycopg.connect(postgres.url("north"), autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN CREATEROLE")
        connection.execute("ALTER DATABASE north OWNER TO plain")
    url = psycopg.conninfo.make_conninfo(postgres.url("north"), options="-c role=plain")
    migrate(url)
    create_store(url, "north")
    swept = sweep(url, "north")
    assert "person_keys" in swept.tables
    assert (swept.statistics, swept.checkpoint) == (False, False)
