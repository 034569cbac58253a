"""A store with an organisation, on a real database."""

from collections.abc import Iterator

import pytest

from lrs.configuration import ConfigurationLog
from lrs.organisation import Directory
from lrs.seal import MasterKey
from tests.databases import NewDatabase

MASTER = MasterKey(bytes(32))


@pytest.fixture
def url(new_database: NewDatabase) -> str:
    """A database with one store, ``north``; the owner's URL."""
    return new_database("north")


@pytest.fixture
def log(url: str) -> Iterator[ConfigurationLog]:
    """The configuration of that store."""
    log = ConfigurationLog(url, "north", MASTER)
    yield log
    log.close()


@pytest.fixture
def directory(log: ConfigurationLog) -> Directory:
    """Its organisation."""
    return Directory(log)
