"""A migrated database with two stores, and registries on it."""

from collections.abc import Callable, Iterator

import pytest

from lrs.credential import Registry
from lrs.seal import MasterKey
from tests.databases import NewDatabase

OpenRegistry = Callable[..., Registry]


@pytest.fixture
def url(new_database: NewDatabase) -> str:
    return new_database("north", "south")


@pytest.fixture
def open_registry(url: str) -> Iterator[OpenRegistry]:
    """Another registry, as another process has it; closed after the test."""
    opened: list[Registry] = []

    def open_one(master: bytes = bytes(range(32)), url: str = url) -> Registry:
        opened.append(Registry(url, MasterKey(master), "https://lrs.example/"))
        return opened[-1]

    yield open_one
    for registry in opened:
        registry.close()


@pytest.fixture
def registry(open_registry: OpenRegistry) -> Registry:
    """Open a registry in which the two stores are registered."""
    registry = open_registry()
    registry.register_store("north", "The north", by="test")
    registry.register_store("south", "", by="test")
    return registry
