"""Erasing people while the statement index is rebuilt."""

import asyncio

from lrs.audit.erasure import Erasure, Erasures
from lrs.index.rebuild import rebuild
from lrs.store import Store
from tests.audit.erasure.given import Home, erase
from tests.store.conftest import MASTER
from tests.store.given import append, statement


async def test_a_rebuild_does_not_undo_an_erasure(store: Store, erasures: Erasures, home: Home) -> None:
    await append(store, statement("ann"), statement("bea"))
    erased: list[Erasure] = []

    def erase_once(_reached: int, _head: int) -> None:
        if not erased:
            erased.append(erase(erasures, "ann@example.org"))

    await asyncio.to_thread(rebuild, home.url, home.schema, MASTER, erase_once)
    assert home.differences() == []
