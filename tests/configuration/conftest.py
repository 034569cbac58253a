"""A store with a configuration, on a real database."""

from collections.abc import Iterator

import pytest

from lrs.configuration import Configuration, ConfigurationLog
from lrs.seal import MasterKey
from tests.databases import NewDatabase

MASTER = MasterKey(bytes(32))


@pytest.fixture
def url(new_database: NewDatabase) -> str:
    """A database with the stores ``north`` and ``south``; the owner's URL."""
    return new_database("north", "south")


@pytest.fixture
def log(url: str) -> Iterator[ConfigurationLog]:
    """The configuration of ``north``."""
    log = ConfigurationLog(url, "north", MASTER)
    yield log
    log.close()


@pytest.fixture
def configuration(log: ConfigurationLog) -> Configuration:
    """Its policy and vocabulary."""
    return Configuration(log)
