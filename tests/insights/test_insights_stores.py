"""Stores beside each other: none waits for another's questions."""

import asyncio
import threading

from lrs.insights.store import READERS, InsightStores
from tests.insights.house import KEY, House


async def test_a_store_whose_questions_take_long_holds_up_no_other(busy: House) -> None:
    stores = InsightStores(busy.settings.database_url, KEY)
    answered = threading.Event()
    try:
        slow, other = await stores.get("default"), await stores.get("other")
        # They end when the other store has answered, and not before.
        long = [slow.run(lambda _: answered.wait(20)) for _ in range(READERS + 1)]
        *ended, _ = await asyncio.gather(*long, other.run(lambda _: answered.set()))
    finally:
        await stores.close()
    assert all(ended)
