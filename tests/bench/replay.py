"""How fast one learner's history is replayed, beside reading its rows: ``python -m tests.bench.replay [EVENTS]``."""

import asyncio
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from msgspec import json
from rich.console import Console

from lrs.audit.reading import opened
from lrs.audit.replay import Replay, Span
from lrs.log.datastore import session
from lrs.seal import MasterKey
from lrs.statement import Limits, parse, prepare
from lrs.store import Stores, create_store, migrate
from lrs.store_name import schema_of
from schemas.xapi import Account, Actor
from tests.bench.projections import other_database
from tests.bench.relay import _KEY
from tests.bench.report import Table
from tests.bench.stack import running

_MASTER = MasterKey.parse(_KEY)
_WHO = "learner@example.org"
_BATCH = 500
_PAGE = 100
_VERBS = {
    **dict.fromkeys(("initialized", "progressed", "experienced", "answered"), 15),
    **dict.fromkeys(("attempted", "passed", "commented", "scored"), 8),
    **dict.fromkeys(("completed", "failed", "shared", "responded"), 2),
}
"""ADL's verbs, and how often each comes."""


def replay_rates(database_url: str, events: int, store: str = "default") -> Table:
    """Fill a new store with one learner's statements over five years, and replay them."""
    migrate(database_url)
    create_store(database_url, store)
    asyncio.run(_fill(database_url, store, events))
    rows = _timed(lambda: _rows(database_url, store))
    messages = _timed(lambda: _messages(database_url, store))
    part = _timed(lambda: _replayed(database_url, store, Span(since=str(events - _PAGE + 1))))
    whole = _timed(lambda: _replayed(database_url, store, Span()))
    one = _timed(lambda: _replayed(database_url, store, Span(projection="follow_up")))
    return Table(
        f"Replaying one learner with {events:,} events over five years",
        ["", "seconds", "events/s", "times reading the rows"],
        [
            [name, f"{seconds:.3f}", f"{shown / seconds:,.0f}", f"{seconds / rows:,.0f}"]
            for name, seconds, shown in (
                ("limit: reading the rows of the log", rows, events),
                ("reading and opening messages", messages, events),
                (f"the last {_PAGE} events, as a page shows them", part, _PAGE),
                ("every event, with what it changed in each projection", whole, events),
                ("every event, with what it changed in follow_up", one, events),
            )
        ],
    )


async def _fill(url: str, name: str, events: int) -> None:
    stores = Stores(url, _MASTER)
    store = await stores.get(name)
    voucher = Actor(object_type="Agent", account=Account("https://lrs.example.org", "bench"))
    statements = _statements(events)
    while batch := [one for _, one in zip(range(_BATCH), statements, strict=False)]:
        prepared = [
            prepare(one, authority=voucher, version="2.0.0") for one in parse(json.encode(batch), "2.0.0", Limits())
        ]
        await store.append(prepared, defines=True, contents={})
    await stores.close()


def _statements(events: int) -> Iterator[dict[str, Any]]:
    random = Random(1)
    moment = datetime(2021, 1, 4, 8, tzinfo=UTC)
    step = timedelta(days=5 * 365) / events
    for _ in range(events):
        moment += step * random.random() * 2
        course = f"https://learn.example.org/courses/{random.randrange(40)}"
        about = {"id": course, "definition": {"type": "http://adlnet.gov/expapi/activities/course"}}
        if random.random() < 0.7:
            about = {"id": f"{course}/parts/{random.randrange(12)}"}
        (verb,) = random.choices(list(_VERBS), weights=list(_VERBS.values()))
        yield {
            "id": str(UUID(int=random.getrandbits(128), version=4)),
            "actor": {"mbox": f"mailto:{_WHO}"},
            "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}"},
            "object": about,
            "context": {"contextActivities": {"parent": [{"id": course}]}},
            "timestamp": moment.isoformat(),
        }


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _rows(url: str, store: str) -> None:
    with psycopg.connect(url) as connection:
        session(connection, schema_of(store))
        connection.execute("SELECT * FROM stored_events ORDER BY notification_id", binary=True).fetchall()


def _messages(url: str, store: str) -> None:
    with opened(url, store, _MASTER) as (cursor, log):
        replay = Replay(cursor, log, _WHO, Span())
        deque(log.history(cursor, replay.whose.learners, replay.bounds.last), maxlen=0)


def _replayed(url: str, store: str, span: Span) -> None:
    with opened(url, store, _MASTER) as (cursor, log):
        deque(Replay(cursor, log, _WHO, span).events(), maxlen=0)


def main(events: int) -> None:
    """Measure on servers started as `lrs up` starts them, and show."""
    with tempfile.TemporaryDirectory(prefix="vw-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # servers run as another account when we are root
        with running(folder / "data", 1, followers=False) as stack:
            Console().print(replay_rates(other_database(stack.settings), events).rich())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
