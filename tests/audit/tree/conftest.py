"""A log to sign."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audit.tree.given import Log


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
