"""Erasing people from the stream: by the relay, which is the last to have read what goes."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from lrs.audit.erasure import Erasures
from lrs.configuration import ConfigurationLog
from lrs.organisation import Directory, How
from lrs.store import Store, Stores, create_store
from schemas.message import stream_name
from tests.audit.erasure.given import Home, erase
from tests.databases import NewDatabase
from tests.organisation.given import JUNE, table
from tests.relay.given import Watcher, eventually, relaying, watching
from tests.store.conftest import MASTER
from tests.store.given import append, person, ref, statement

_numbers = itertools.count(1)


@pytest.fixture
def name() -> str:
    """A store's name that no other test has: streams are shared by the run."""
    return f"erase_{os.getpid()}_{next(_numbers)}"


@pytest.fixture
def url(new_database: NewDatabase, name: str) -> str:
    """A database with that store."""
    url = new_database()
    create_store(url, name)
    return url


@pytest.fixture
async def store(stores: Stores, name: str) -> Store:
    """That store."""
    return await stores.get(name)


@pytest.fixture
def log(url: str, name: str) -> Iterator[ConfigurationLog]:
    """Its configuration."""
    log = ConfigurationLog(url, name, MASTER)
    yield log
    log.close()


@pytest.fixture
def home(url: str, name: str) -> Iterator[Home]:
    """Its tables."""
    home = Home(url, name)
    yield home
    home.close()


@pytest.fixture
async def watcher(nats_url: str) -> AsyncIterator[Watcher]:
    """Looks at the streams."""
    async with watching(nats_url) as watcher:
        yield watcher


def _purged(home: Home) -> bool:
    return not home.rows("SELECT FROM erasures WHERE purged IS NULL")


async def _fill(store: Store, directory: Directory) -> None:
    await append(
        store,
        statement("ann"),
        statement("bea"),
        statement("bea", context={"instructor": person("ann")}),
        statement("cas", person("ann")),
        statement("cas", ref(statement("ann"))),
    )
    people = table({"email": "ann", "team": "Sales"}, {"email": "bea", "team": "Sales"})
    await asyncio.to_thread(directory.take, people, "f", "people", How(JUNE, new_teams=True), by="test")


async def test_what_is_by_or_about_them_is_taken_out_and_the_rest_stays(
    url: str, nats_url: str, name: str, store: Store, log: ConfigurationLog, home: Home, watcher: Watcher
) -> None:
    await _fill(store, Directory(log))
    async with relaying(url, nats_url):
        await watcher.until(name, 6)
        done = await asyncio.to_thread(erase, Erasures(log), "ann@example.org")
        await eventually(lambda: _purged(home))
    left = await watcher.messages(name)
    assert [(one.position, one.kind) for one in left] == [
        (2, "statement"),
        (5, "statement"),
        (8, "erasure"),
    ]
    assert left[-1].people[0] == done.person
    assert Erasures(log).of(done.person).purged is not None


async def test_a_relay_that_comes_later_takes_it_out(
    url: str, nats_url: str, name: str, store: Store, log: ConfigurationLog, home: Home, watcher: Watcher
) -> None:
    await _fill(store, Directory(log))
    async with relaying(url, nats_url):
        await watcher.until(name, 6)
    await asyncio.to_thread(erase, Erasures(log), "ann@example.org")
    assert not _purged(home)
    assert len(await watcher.messages(name)) == 6
    async with relaying(url, nats_url):
        await eventually(lambda: _purged(home))
    assert [one.position for one in await watcher.messages(name)] == [2, 5, 8]


async def test_what_was_published_and_not_noted_as_taken_out_is_taken_out_again(
    url: str, nats_url: str, name: str, store: Store, log: ConfigurationLog, home: Home, watcher: Watcher
) -> None:
    await _fill(store, Directory(log))
    async with relaying(url, nats_url):
        await asyncio.to_thread(erase, Erasures(log), "ann@example.org")
        await eventually(lambda: _purged(home))
    # As if it had been killed in between.
    home.rows("UPDATE erasures SET purged = NULL RETURNING 1")
    async with relaying(url, nats_url):
        await eventually(lambda: _purged(home))
    assert [one.position for one in await watcher.messages(name)][-1] == 8


async def test_many_others_are_looked_through(
    url: str, nats_url: str, name: str, store: Store, log: ConfigurationLog, home: Home, watcher: Watcher
) -> None:
    await append(
        store, *(statement(f"p{n}", context={"instructor": person("ann")} if n % 2 else {}) for n in range(300))
    )
    async with relaying(url, nats_url):
        await watcher.until(name, 300)
        await asyncio.to_thread(erase, Erasures(log), "ann@example.org")
        await eventually(lambda: _purged(home))
        info = await watcher.jetstream.stream_info(stream_name(name))
        assert info.state.messages == 151
        assert info.state.consumer_count == 0


async def test_publishing_and_stopping_wait_for_no_purge(
    url: str,
    nats_url: str,
    name: str,
    store: Store,
    log: ConfigurationLog,
    home: Home,
    watcher: Watcher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await _fill(store, Directory(log))
    begun = asyncio.Event()

    async def endless(*arguments: Any) -> bool:
        begun.set()
        while not arguments[-1]():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return False

    with monkeypatch.context() as patched:
        patched.setattr("lrs.relay.store_relay.purge", endless)
        async with relaying(url, nats_url):
            await asyncio.to_thread(erase, Erasures(log), "ann@example.org")
            await begun.wait()
            await append(store, statement("bea"))
            await watcher.until(name, 9)
    assert not _purged(home)
    async with relaying(url, nats_url):
        await eventually(lambda: _purged(home))
    assert [one.position for one in await watcher.messages(name)] == [2, 5, 8, 9]
