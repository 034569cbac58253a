"""What follows from statements that were forgotten: projections, the stream; and what a crash leaves."""

import asyncio
import os
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg

from lrs.audit.retention.daily import Daily
from lrs.configuration import ConfigurationLog
from lrs.store import Store, create_store
from schemas.erasure import decode_erased
from tests.audit.erasure.given import Home
from tests.audit.retention.given import LATER, Keeper, rule
from tests.consumers.world import World
from tests.local.upped import until
from tests.relay.given import relaying, watching
from tests.store.conftest import MASTER
from tests.store.given import VERB, append, ref, statement

RUN = [sys.executable, "-m", "lrs.cli.main", "retention", "run"]


async def expire(world: World, verb: str, now: datetime = LATER) -> None:
    def run() -> None:
        with closing(ConfigurationLog(world.url, world.name, MASTER)) as log:
            keeper = Keeper(log)
            keeper.set(rule(days=1, verbs=(verb,)))
            keeper.run(now)

    await asyncio.to_thread(run)


async def test_projections_follow_and_equal_a_replay(world: World) -> None:
    first = statement("ann", verb={"id": "http://adlnet.gov/expapi/verbs/completed"})
    await world.say(first, statement("ann", verb={"id": "http://adlnet.gov/expapi/verbs/commented"}))
    await world.say(statement("bea", ref(first), verb={"id": "http://adlnet.gov/expapi/verbs/commented"}))
    live = world.live()
    live.take(world.messages())
    before = world.rows()
    await expire(world, "http://adlnet.gov/expapi/verbs/completed")
    messages = world.messages()
    assert (messages[-1].kind, len(messages[-1].people)) == ("erasure", 2)
    for _ in range(2):
        live.take(messages[-1:])
        assert world.rows() != before
        assert world.verify().equal


def set_back(url: str, schema: str, days: int) -> None:
    """As if all had been stored so many days earlier."""
    with psycopg.connect(url, options=f"-c search_path={schema}") as connection:
        connection.execute("ALTER TABLE stored_events DISABLE TRIGGER USER")
        connection.execute("UPDATE stored_events SET stored = stored - make_interval(days => %s)", [days])
        connection.execute("ALTER TABLE stored_events ENABLE TRIGGER USER")


def kill_a_run(url: str, environment: dict[str, str]) -> None:
    """Begin a run and kill it in its second batch."""
    with psycopg.connect(url, options="-c search_path=store_north") as holding:
        holding.execute("SELECT FROM statement_salts WHERE position = 300 FOR UPDATE")
        with subprocess.Popen(RUN, env=environment) as running, psycopg.connect(url, autocommit=True) as watching:
            try:
                until(
                    lambda: watching.execute(
                        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                        " AND wait_event_type = 'Lock' AND query LIKE 'DELETE FROM attachments%'"
                    ).fetchone(),
                    "the second batch to be under way",
                )
            finally:
                running.kill()
            watching.execute(
                "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'vliegwiel append'"
                " AND wait_event_type = 'Lock'"
            )


async def test_a_run_that_was_killed_is_begun_again(url: str, store: Store, keeper: Keeper, home: Home) -> None:
    await append(store, *(statement(f"p{number % 50}") for number in range(500)))
    set_back(url, "store_north", 400)
    keeper.set(rule(days=365))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LRS_")}
    environment |= {"LRS_DATABASE_URL": url, "LRS_MASTER_KEY": "00" * 32, "LRS_STORE": "north"}
    await asyncio.to_thread(kill_a_run, url, environment)
    assert home.value("SELECT count(*) FROM statement_salts") == 300
    assert home.differences() == []
    again = await asyncio.to_thread(
        subprocess.run, RUN, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.split() == ["RULE", "FORGOTTEN", "old", "300"]
    states = home.rows("SELECT state FROM stored_events WHERE topic = 'statements.expired' ORDER BY notification_id")
    batches = [decode_erased(state).statements for (state,) in states]
    assert [position for batch in batches for position in batch] == list(range(1, 501))
    assert home.differences() == []
    # All of that is older than the stream keeps anything: there is nothing to be taken out of it.
    assert home.value("SELECT count(*) FROM erasures WHERE purged IS NULL") == 0


async def test_the_stream_forgets_too(world: World, nats_url: str) -> None:
    await world.say(statement("ann"), statement("bea", verb={"id": "http://example.org/verbs/kept"}))
    async with watching(nats_url) as watcher:
        async with relaying(world.url, nats_url):
            await watcher.until(world.name, 2)
            assert len([one for one in await watcher.messages(world.name) if one.statement]) == 2
            # Old enough for the rule, but not for the stream.
            set_back(world.url, f"store_{world.name}", 2)
            await expire(world, VERB, datetime.now(UTC))
            await asyncio.to_thread(until, lambda: purged(world), "the stream to be purged")
        left = [one.position for one in await watcher.messages(world.name) if one.kind == "statement"]
    assert left == [2]


def purged(world: World) -> bool:
    return world.connection.execute("SELECT count(purged) FROM erasures").fetchone() == (1,)


async def test_every_day_all_stores_are_run(url: str, store: Store, keeper: Keeper, home: Home) -> None:
    create_store(url, "south")
    await append(store, statement())
    keeper.set(rule(days=365))
    moments = iter([datetime.now(UTC), datetime.now(UTC) + timedelta(days=1), LATER])
    last = LATER

    def clock() -> datetime:
        nonlocal last
        last = next(moments, last)
        return last

    daily = Daily(url, MASTER, 7)
    thread = threading.Thread(target=daily.run, args=[clock])
    thread.start()
    try:
        await asyncio.to_thread(
            until, lambda: home.value("SELECT count(*) FROM statement_salts") == 0, "the run of another day"
        )
    finally:
        daily.stop()
        thread.join(60)
    assert not thread.is_alive()
    assert decode_erased(home.value("SELECT state FROM stored_events ORDER BY notification_id DESC LIMIT 1")).by == (
        "daily run"
    )
