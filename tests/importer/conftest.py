"""A database with a store, the command, and a way to see what is in it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from msgspec import json

from lrs.seal import MasterKey
from lrs.store import Stores
from tests.databases import NewDatabase
from tests.importer.given import MASTER, Lrs

Stored = Callable[[str], Any]


@pytest.fixture
def lrs(new_database: NewDatabase, tmp_path: Path) -> Lrs:
    """The command, on a database with the store ``default``."""
    return Lrs(new_database("default"), tmp_path)


@pytest.fixture
def stored(lrs: Lrs) -> Stored:
    """Gives a stored statement, as it is read, by its id."""
    import asyncio

    async def read(statement_id: str) -> Any:
        stores = Stores(lrs.url, MasterKey.parse(MASTER))
        try:
            recorded = await (await stores.get("default")).statement(UUID(statement_id))
        finally:
            await stores.close()
        return recorded and json.decode(recorded.text)

    return lambda statement_id: asyncio.run(read(statement_id))
