"""The real servers, for every test that wants one."""

import itertools
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from lrs.local.nats import Nats
from lrs.local.postgres import Postgres
from lrs.local.program import Program
from tests.databases import Databases, NewDatabase
from tests.demo.played import Demo, played
from tests.stoppable_database import StoppableDatabase

# Tests throw their data away, so nothing waits for the disk.
_UNSAFE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "min_wal_size": "80MB",
}
_MEMORY = Path("/dev/shm")  # noqa: S108
_ROOM = 4 << 30
"""Bytes: several times what a run needs."""
_LONGEST = {"browser", "demo", "local", "bench", "consumers"}
"""Folders whose tests start whole servers, again and again."""
settings.register_profile("tests", deadline=None)  # no test asserts a time
settings.load_profile("tests")
_numbers = itertools.count(1)


def pytest_configure() -> None:
    """Write in memory, where there is room for it: databases are made and dropped by the thousand, files and all.

    And let programs keep what Python compiled: hundreds are started, and each would do it again, for a second or two.
    And have them hear signals, also where the tests were started in the background or by nohup, which ignore some.
    """
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Tests speak to nobody outside, and to read whom the world trusts takes each HTTP client a tenth of a second.
    os.environ["SSL_CERT_FILE"] = str(Path(__file__).with_name("nobody.pem"))
    if "TMPDIR" not in os.environ and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None  # to be found anew


def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are processors: tests wait for servers as much as they compute."""
    return (os.cpu_count() or 1) + 1


class _ByFolder(LoadScopeScheduling):  # type: ignore[misc]
    """Keeps tests of a folder in one process, where several share the work: what is costly is made once for them."""

    def _split_scope(self, nodeid: str) -> str:
        folder = _folder(Path(nodeid.partition("::")[0]))
        return "demo" if folder == "browser" else folder


def _folder(file: Path) -> str:
    return file.parent.name


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Give out folders, not tests."""
    return _ByFolder(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders that take longest, or one process would still be at them when all others have ended."""
    items.sort(key=lambda item: _folder(item.path) not in _LONGEST)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """Give a folder with a short name for the servers of this run: a socket's path may not be long."""
    folder = Path(tempfile.mkdtemp(prefix="vw-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _running(program: Program) -> Iterator[None]:
    process = program.start()
    try:
        program.wait_until_ready(process, time.sleep)
        yield
    finally:
        replace(program, stop_signal=signal.SIGQUIT if program.name == "Postgres" else signal.SIGTERM).stop(process)


@pytest.fixture(scope="session")
def postgres(server_folder: Path) -> Iterator[Postgres]:
    """Run a Postgres for this run."""
    server = Postgres(server_folder / "postgres", log=server_folder / "log" / "postgres.log", options=_UNSAFE)
    for _ in _running(server.program()):
        yield server


@pytest.fixture(scope="session")
def nats(server_folder: Path) -> Iterator[Nats]:
    """Run a NATS with JetStream for this run."""
    server = Nats(server_folder / "nats", log=server_folder / "log" / "nats.log")
    for _ in _running(server.program()):
        yield server


@pytest.fixture
def stoppable_database(server_folder: Path) -> Iterator[StoppableDatabase]:
    """Run a Postgres for one test, which may stop and start it."""
    database = StoppableDatabase(server_folder / f"stoppable_{next(_numbers)}")
    yield database
    database.stop()


@pytest.fixture
def nats_url(nats: Nats) -> str:
    """Give the URL of the NATS server; its streams are shared by the run: name yours after the test."""
    return nats.url


@pytest.fixture(scope="session")
def databases(postgres: Postgres) -> Databases:
    """Give what makes databases."""
    return Databases(postgres)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """Give the owner's URL of a fresh, empty database, not migrated."""
    with databases.new() as url:
        yield url


@pytest.fixture
def new_database(databases: Databases) -> Iterator[NewDatabase]:
    """Make databases of one's own, migrated and with stores."""
    with ExitStack() as made:
        yield lambda *stores: made.enter_context(databases.new(databases.template(*stores)))


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """Run `make demo` for this run, in a folder of its own; what one test adds, the others see."""
    with played() as demo:
        yield demo
