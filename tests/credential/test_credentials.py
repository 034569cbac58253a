"""Who a key and secret belong to: right, wrong, expired, rotated, revoked, in this process and in others."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
import pytest_asyncio

from lrs.credential import Credentials, Registry, Secret
from lrs.credential import credentials as module
from lrs.credential.summary import summary
from lrs.log.work import Unavailable


class Clock:
    """The clock of the checks, which may be put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def time(self) -> float:
        return time.time() + self.ahead

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest_asyncio.fixture
async def credentials(registry: Registry) -> AsyncIterator[Credentials]:
    checker = Credentials(registry)
    yield checker
    checker.close()


async def test_right_and_wrong(registry: Registry, credentials: Credentials) -> None:
    made = registry.issue("north", ["statements/write"], label="Player", by="test")
    key, secret = made.credential.key, made.secret.reveal()
    found = await credentials.authenticate(key, secret)
    assert found is not None
    assert (found.key, found.store, found.label) == (key, "north", "Player")
    assert found.authority == made.credential.authority
    assert found.allows("statements/write")
    assert not found.allows("statements/read")
    for wrong_key, wrong_secret in (
        (key, ""),
        (key, secret + "x"),
        (key, secret[:-1]),
        (key, "\ud800"),
        ("nobody", secret),
        ("", ""),
        ("\ud800", secret),
        (key.upper(), secret),
    ):
        assert await credentials.authenticate(wrong_key, wrong_secret) is None


async def test_each_credential_opens_its_own_store(registry: Registry, credentials: Credentials) -> None:
    made = {store: registry.issue(store, ["all"], by="test") for store in ("north", "south")}
    for store, one in made.items():
        found = await credentials.authenticate(one.credential.key, one.secret.reveal())
        assert found is not None
        assert found.store == store
    north, south = made.values()
    assert await credentials.authenticate(north.credential.key, south.secret.reveal()) is None


async def test_expiry_ends_it(registry: Registry, credentials: Credentials, clock: Clock) -> None:
    expires = datetime.now(UTC) + timedelta(hours=1)
    made = registry.issue("north", ["all"], by="test", expires=expires)
    pair = made.credential.key, made.secret.reveal()
    assert await credentials.authenticate(*pair) is not None
    clock.ahead = 3600
    assert await credentials.authenticate(*pair) is None
    access = registry.access_key(made.credential.key)
    assert access is not None
    assert [summary(access, now).status for now in (datetime.now(UTC), expires)] == ["active", "expired"]


async def test_the_old_secret_lives_through_its_grace(
    registry: Registry, credentials: Credentials, clock: Clock
) -> None:
    first = registry.issue("north", ["all"], by="test")
    key = first.credential.key
    second = registry.rotate(key, by="test", grace=timedelta(hours=1))
    assert await credentials.authenticate(key, first.secret.reveal()) is not None
    assert await credentials.authenticate(key, second.secret.reveal()) is not None
    clock.ahead = 3600
    assert await credentials.authenticate(key, first.secret.reveal()) is None
    assert await credentials.authenticate(key, second.secret.reveal()) is not None


async def test_without_grace_the_old_secret_ends(registry: Registry, credentials: Credentials) -> None:
    first = registry.issue("north", ["all"], by="test")
    registry.rotate(first.credential.key, by="test", grace=timedelta(days=1))
    third = registry.rotate(first.credential.key, by="test")
    assert await credentials.authenticate(first.credential.key, first.secret.reveal()) is None
    assert await credentials.authenticate(first.credential.key, third.secret.reveal()) is not None


@pytest.mark.parametrize("change", ["rotate", "revoke"])
async def test_changes_elsewhere_are_seen_within_a_second(
    credentials: Credentials, registry: Registry, open_registry: Callable[..., Registry], change: str, clock: Clock
) -> None:
    made = registry.issue("north", ["all"], by="test")
    pair = made.credential.key, made.secret.reveal()
    assert await credentials.authenticate(*pair) is not None
    elsewhere = open_registry()
    await asyncio.to_thread(elsewhere.find, "connect")
    await asyncio.to_thread(getattr(elsewhere, change), made.credential.key, by="other process")
    clock.ahead = 1
    assert await credentials.authenticate(*pair) is None


async def test_what_is_given_out_elsewhere_works_at_once(
    credentials: Credentials, open_registry: Callable[..., Registry]
) -> None:
    elsewhere = open_registry()
    assert await credentials.authenticate("late", "s") is None
    await asyncio.to_thread(elsewhere.issue, "north", ["all"], by="other", key="late", secret=Secret("s"))
    assert await credentials.authenticate("late", "s") is not None
    rotated = await asyncio.to_thread(elsewhere.rotate, "late", by="other")
    assert await credentials.authenticate("late", rotated.secret.reveal()) is not None


async def test_a_look_that_began_before_is_not_believed(
    credentials: Credentials, registry: Registry, open_registry: Callable[..., Registry]
) -> None:
    """It may have been answered before the secret was given out, which is refused if nobody looks again."""
    elsewhere = open_registry()
    await asyncio.to_thread(elsewhere.issue, "north", ["all"], by="other", key="late", secret=Secret("s"))
    assert await credentials.authenticate("late", "s") is not None
    looked, handed = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def look() -> int:
        head = Registry.head(registry)
        loop.call_soon_threadsafe(looked.set)
        assert handed.wait(30)
        return head

    with patch.object(registry, "head", look):
        refused = asyncio.create_task(credentials.authenticate("late", "wrong"))
        await looked.wait()
        rotated = await asyncio.to_thread(elsewhere.rotate, "late", by="other")
        taken = asyncio.create_task(credentials.authenticate("late", rotated.secret.reveal()))
        await asyncio.sleep(0)  # it waits for the look that is under way
        handed.set()
        assert await refused is None
        assert await taken is not None


async def test_changes_here_are_seen_at_once(credentials: Credentials, registry: Registry) -> None:
    made = registry.issue("north", ["all"], by="test")
    pair = made.credential.key, made.secret.reveal()
    assert await credentials.authenticate(*pair) is not None
    registry.revoke(made.credential.key, by="test")
    credentials.forget()
    assert await credentials.authenticate(*pair) is None


async def test_an_answer_overtaken_by_a_change_is_not_kept(credentials: Credentials, registry: Registry) -> None:
    made = registry.issue("north", ["all"], by="test")
    pair = made.credential.key, made.secret.reveal()
    await credentials.authenticate("warm", "up")
    reads = 0
    loop = asyncio.get_running_loop()

    def read_then_revoked(key: str) -> Any:
        nonlocal reads
        reads += 1
        found = Registry.access_key(registry, key)
        if reads == 1:  # what was read is on its way to the cache when the credential is revoked
            registry.revoke(key, by="test")
            forgotten = threading.Event()
            loop.call_soon_threadsafe(credentials.forget)
            loop.call_soon_threadsafe(forgotten.set)
            assert forgotten.wait(30)
        return found

    with patch.object(registry, "access_key", read_then_revoked):
        assert await credentials.authenticate(*pair) is None
    assert reads == 4  # before the change, by the change itself, after it, and before it is refused


async def test_one_question_for_many_requests(credentials: Credentials, registry: Registry) -> None:
    made = registry.issue("north", ["all"], by="test")
    pair = made.credential.key, made.secret.reveal()
    with (
        patch.object(registry, "head", wraps=registry.head) as head,
        patch.object(registry, "access_key", wraps=registry.access_key) as access_key,
    ):
        found = await asyncio.gather(*(credentials.authenticate(*pair) for _ in range(100)))
        found += await asyncio.gather(*(credentials.authenticate("nobody", "s") for _ in range(100)))
    assert [one is not None for one in found] == [True] * 100 + [False] * 100
    assert head.call_count == 2  # by the first who came, and by those who are refused
    assert access_key.call_count == 2


@pytest.mark.parametrize(("who", "times"), [("known", 1), ("wrong", 2), ("unknown", 2), ("revoked", 2)])
async def test_every_check_takes_the_same_path(
    credentials: Credentials, registry: Registry, who: str, times: int
) -> None:
    """Who is refused is checked once more, after asking whether anything changed."""
    known = registry.issue("north", ["all"], by="test", key="known")
    revoked = registry.issue("north", ["all"], by="test", key="revoked")
    registry.revoke("revoked", by="test")
    secrets = {"known": known.secret.reveal(), "revoked": revoked.secret.reveal()}
    pair = ("known" if who == "wrong" else who), secrets.get(who, "x" * 43)
    await credentials.authenticate(*pair)
    with patch.object(module, "compare_digest", wraps=compare_digest) as compare:
        await credentials.authenticate(*pair)
    lengths = [[len(argument) for argument in call.args] for call in compare.call_args_list]
    assert lengths == [[32, 32], [32, 32]] * times


async def test_memory_is_bounded_and_made_up_keys_push_out_no_real_ones(
    credentials: Credentials, registry: Registry
) -> None:
    made = registry.issue("north", ["all"], by="test")
    with patch.object(module, "_REMEMBERED", 5):
        assert await credentials.authenticate(made.credential.key, made.secret.reveal()) is not None
        for number in range(20):
            await credentials.authenticate(f"nobody{number}", "s")
        assert len(credentials._made_up) == 5
        assert credentials._entries.keys() == {made.credential.key}
        for _ in range(6):
            another = registry.issue("north", ["all"], by="test")
            await credentials.authenticate(another.credential.key, another.secret.reveal())
        assert len(credentials._entries) <= 5


async def test_database_away_is_never_a_wrong_secret(open_registry: Callable[..., Registry]) -> None:
    away = Credentials(open_registry(url="postgresql://nobody@127.0.0.1:1/none"))
    for outcome in await asyncio.gather(*(away.authenticate("a", "b") for _ in range(5)), return_exceptions=True):
        assert isinstance(outcome, Unavailable)
    away.close()


async def test_connections_that_were_lost_are_replaced(credentials: Credentials, registry: Registry, url: str) -> None:
    made = registry.issue("north", ["all"], by="test")
    pair = made.credential.key, made.secret.reveal()
    assert await credentials.authenticate(*pair) is not None
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    credentials.forget()
    assert await credentials.authenticate(*pair) is not None
