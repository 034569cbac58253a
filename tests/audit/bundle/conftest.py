"""A log that was signed, only to be looked at, and one of one's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audit.bundle.given import told
from tests.audit.tree.given import Log
from tests.databases import Databases


@pytest.fixture(scope="session")
def signed(databases: Databases, ready: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """A log of 70 statements, signed at 40, 60 and 70. Only to be looked at."""
    log = Log(databases.copy(ready, "audit_signed"))
    folder = tmp_path_factory.mktemp("notary")
    made = told(70)
    for first, last in ((0, 40), (40, 60), (60, 70)):
        log.say(*made[first:last])
        log.sign(folder)
    yield log
    log.close()


@pytest.fixture
def log(ready_url: str) -> Iterator[Log]:
    """The log of a new store ``default``."""
    log = Log(ready_url)
    yield log
    log.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the notary remembers."""
    return tmp_path / "notary"
