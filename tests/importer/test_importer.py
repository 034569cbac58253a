"""How much the importer takes at once, without a database."""

import asyncio
import threading
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from msgspec import json

from lrs.importer import Broken, Importer, Intake, Refusals, Tally
from lrs.importer.importer import BATCH, BATCH_BYTES, TURN_BYTES
from lrs.importer.splitter import Item
from lrs.log.work import Appended
from lrs.statement import Limits, Prepared
from lrs.store import Store
from schemas.xapi import Account, Actor
from tests.importer.given import statement


class _Store:
    """Says of everything that it is stored, and how many statements each batch had."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    async def queue(self, batch: Sequence[Prepared], **_: object) -> Awaitable[Appended]:
        self.batches.append(len(batch))
        return asyncio.sleep(0, Appended(sum(self.batches), datetime.now(UTC)))


async def _import(items: Iterable[Item], store: _Store, tally: Tally, folder: Path) -> None:
    with closing(Refusals(folder / "refused")) as refusals:
        importer = Importer(
            cast("Store", store),
            Intake(Limits(), tally, keep_authority=False),
            refusals,
            tally,
            Actor(account=Account("https://lrs.example", "import")),
            keep_authority=False,
        )
        await importer.run(items, lambda: None)


def _items(count: int, size: int) -> list[Item]:
    return [
        Item(json.encode(statement(result={"response": "x" * size})), line=number) for number in range(1, count + 1)
    ]


async def test_a_batch_ends_at_so_many_statements(tmp_path: Path) -> None:
    store = _Store()
    await _import(_items(BATCH + 1, 1), store, Tally(), tmp_path)
    assert store.batches == [BATCH, 1]


async def test_a_batch_ends_at_so_much_text(tmp_path: Path) -> None:
    store = _Store()
    await _import(_items(9, BATCH_BYTES // 4), store, Tally(), tmp_path)
    assert store.batches == [4, 4, 1]


@pytest.mark.parametrize("items", [_items(300, 1), _items(20, 20_000), [Item(b"1", 1)] * 300])
async def test_others_have_their_turns_meanwhile(items: list[Item], tmp_path: Path) -> None:
    tally = Tally()
    seen = [0]

    async def look() -> None:
        while True:
            seen.append(tally.read)
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    await _import(items, _Store(), tally, tmp_path)
    looking.cancel()
    with suppress(asyncio.CancelledError):
        await looking
    most = max(1, TURN_BYTES // max(1024, len(items[0].text)))
    assert max(after - before for before, after in zip(seen, [*seen[1:], tally.read], strict=True)) <= most + 1


async def test_others_go_on_while_a_pipe_is_silent(tmp_path: Path) -> None:
    others = threading.Event()

    def silent() -> Iterator[Item]:
        yield from _items(1, 1)
        asyncio.run_coroutine_threadsafe(go_on(), loop)
        assert others.wait(10)
        yield from _items(1, 1)

    async def go_on() -> None:
        others.set()

    loop = asyncio.get_running_loop()
    tally = Tally()
    await _import(silent(), _Store(), tally, tmp_path)
    assert tally.stored == 2


async def test_what_came_before_the_damage_is_taken(tmp_path: Path) -> None:
    def damaged() -> Iterator[Item]:
        yield from _items(40, 1)
        raise Broken("cut off")

    tally = Tally()
    with pytest.raises(Broken, match="cut off"):
        await _import(damaged(), _Store(), tally, tmp_path)
    assert tally.stored == 40
