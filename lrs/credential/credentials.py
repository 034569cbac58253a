"""Checks keys and secrets: on every request, so from memory.

What is remembered stays true as long as the control log's head hasn't moved, because positions are given out in commit
order. So one small query a second per process, not one per key, is enough to notice every revocation and rotation in
any process within a second; the process that made the change drops it at once. Before anybody is refused it is asked
once more, so that what was given out elsewhere works at once. Polling and not LISTEN/NOTIFY: a lost
listening connection would leave a revoked credential valid without anybody noticing, a failed poll says so at once.
Expiry needs no notice: it is compared with the clock on every check.

When the database can't be asked whether anything changed, the answer is Unavailable (HTTP 503): never a "wrong secret"
(clients would throw statements away), and never a credential that may have been revoked meanwhile.
"""

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from hmac import compare_digest
from math import inf
from typing import Any, TypeVar

from msgspec import Struct

from lrs.credential.access_key import AccessKey
from lrs.credential.credential import Credential
from lrs.credential.registry import Registry
from lrs.credential.secret import DIGEST_BYTES, Pepper
from lrs.credential.summary import credential
from lrs.log.work import Unavailable

T = TypeVar("T")

TRUST_SECONDS = 0.9
"""How long the head's position is believed without asking again; with the query, changes are seen within a second."""
_ANSWER_SECONDS = 2.0
"""How long a request waits for the database before it is told to come back later."""
_REMEMBERED = 10_000
"""Keys of credentials, and as many again that nobody has: whoever makes up keys pushes out no real one."""


class _Entry(Struct, frozen=True):
    """What is known of a key. One that doesn't exist has digests nothing matches, so that checking takes as long."""

    credential: Credential | None
    digest: bytes
    previous: bytes
    previous_until: float
    closes: float

    def check(self, digest: bytes, now: float) -> Credential | None:
        current = compare_digest(digest, self.digest)
        former = compare_digest(digest, self.previous) & (now < self.previous_until)
        return self.credential if (current | former) & (now < self.closes) else None


class Credentials:
    """Answers who a key and secret belong to. For one event loop; ``close`` it when done."""

    def __init__(self, registry: Registry) -> None:
        """Check against the credentials of this registry."""
        self.registry = registry
        self._entries: dict[str, _Entry] = {}
        self._made_up: dict[str, _Entry] = {}
        self._flights: dict[str | None, asyncio.Task[Any]] = {}
        self._pepper: Pepper | None = None
        self._head = -1
        self._looked = -inf
        self._trusted_until = -inf
        self._generation = 0
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="credentials")

    async def authenticate(self, key: str, secret: str) -> Credential | None:
        """Give the credential if the secret is right and it is neither revoked nor expired. Raises Unavailable."""
        came = time.monotonic()
        if came >= self._trusted_until:
            await self._once(None, self._look_for_changes)
        found = await self._check(key, secret)
        while found is None and self._looked < came:
            # It may have been given out in another process just now: whoever was handed it is not to be refused.
            await self._once(None, self._look_for_changes)
            found = await self._check(key, secret)
        return found

    async def _check(self, key: str, secret: str) -> Credential | None:
        entry = self._entries.get(key) or self._made_up.get(key)
        if entry is None:
            entry = await self._once(key, lambda: self._load(key))
        assert self._pepper is not None  # noqa: S101 - read by the look for changes that came before
        return entry.check(self._pepper.digest(secret), time.time())

    def forget(self) -> None:
        """Believe nothing remembered any more, because this process changed something."""
        self._remember_nothing()
        self._flights.clear()
        self._trusted_until = -inf

    def close(self) -> None:
        """Stop the threads that ask the database."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _look_for_changes(self) -> None:
        asked = time.monotonic()
        if self._pepper is None:
            self._pepper = await self._ask(self.registry.pepper)
        head = await self._ask(self.registry.head)
        if head != self._head:
            self._head = head
            self._remember_nothing()
        self._looked = asked
        self._trusted_until = asked + TRUST_SECONDS

    def _remember_nothing(self) -> None:
        self._generation += 1
        self._entries.clear()
        self._made_up.clear()

    async def _load(self, key: str) -> _Entry:
        while True:
            generation = self._generation
            access = await self._ask(lambda: self.registry.access_key(key))
            if generation == self._generation:
                break  # else something changed while this was on its way
        entry, entries = (_nobody(), self._made_up) if access is None else (_known(access), self._entries)
        if len(entries) >= _REMEMBERED:
            del entries[next(iter(entries))]
        entries[key] = entry
        return entry

    async def _ask(self, question: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.wait_for(loop.run_in_executor(self._threads, question), _ANSWER_SECONDS)
        except TimeoutError:
            raise Unavailable("the database is not answering") from None

    async def _once(self, name: str | None, question: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Let requests that want to know the same thing at the same time wait for one answer."""
        flight: asyncio.Task[T] | None = self._flights.get(name)
        if flight is None:
            flight = self._flights[name] = asyncio.get_running_loop().create_task(question())
            flight.add_done_callback(lambda done: self._landed(name, done))
        return await asyncio.shield(flight)

    def _landed(self, name: str | None, flight: asyncio.Task[Any]) -> None:
        if self._flights.get(name) is flight:
            del self._flights[name]
        if not flight.cancelled():
            flight.exception()  # seen, even if all who waited were gone


def _known(access: AccessKey) -> _Entry:
    previous_until = access.previous_until.timestamp() if access.previous_until else -inf
    closes = access.expires.timestamp() if access.expires else inf
    return _Entry(
        credential=credential(access),
        digest=bytes.fromhex(access.digest),
        previous=bytes.fromhex(access.previous) if access.previous else os.urandom(DIGEST_BYTES),
        previous_until=previous_until,
        closes=-inf if access.revoked else closes,
    )


def _nobody() -> _Entry:
    return _Entry(
        credential=None,
        digest=os.urandom(DIGEST_BYTES),
        previous=os.urandom(DIGEST_BYTES),
        previous_until=-inf,
        closes=inf,
    )
