"""The keys of a store's persons, for coroutines."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any, Protocol, TypeVar
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.seal import Keyring, KeysLost, PersonKey

T = TypeVar("T")


class _Run(Protocol):
    def __call__(self, work: Callable[[Cursor[TupleRow]], T], /) -> Awaitable[T]: ...


class _Lookup:
    """Identities that several coroutines want the keys of, and the task that looks them up."""

    def __init__(self, look_up: Callable[[set[str]], Coroutine[Any, Any, dict[str, PersonKey]]]) -> None:
        self.identities: set[str] = set()
        self.task = asyncio.create_task(look_up(self.identities))
        # Seen, even if all who waited have hung up.
        self.task.add_done_callback(lambda task: task.cancelled() or task.exception())


class StoreKeys:
    """Finds and makes keys without blocking. Methods raise Unavailable if the database is away."""

    def __init__(self, keyring: Keyring, run: _Run) -> None:
        self._keyring = keyring
        self._run = run
        self._one_at_a_time = asyncio.Lock()
        self._next: _Lookup | None = None

    def digest(self, kind: str, value: str) -> UUID:
        """Keyed digest of anything personal; see ``Keyring.digest``."""
        return self._keyring.digest(kind, value)

    async def of(self, identities: Collection[str]) -> dict[str, PersonKey]:
        """Give the current key of each identity, made where there is none. Raises KeysLost.

        Who asks while a lookup is under way goes with the next: many new persons at once are few transactions.
        """
        if self._next is None:
            self._next = _Lookup(self._take_turn)
        lookup = self._next
        lookup.identities.update(identities)
        try:
            found = await asyncio.shield(lookup.task)
        except KeysLost:
            # Perhaps somebody else's: each finds out about their own.
            found = await self._look_up(identities)
        return {identity: found[identity] for identity in identities}

    async def _take_turn(self, identities: Collection[str]) -> dict[str, PersonKey]:
        async with self._one_at_a_time:
            # Who comes from here on would be too late for this one.
            self._next = None
            return await self._look_up(identities)

    async def _look_up(self, identities: Collection[str]) -> dict[str, PersonKey]:
        return await self._run(lambda cursor: self._keyring.of(cursor, identities))

    async def by_id(self, key_ids: Collection[UUID]) -> dict[UUID, PersonKey]:
        """Give these keys; the ones that an erasure destroyed are absent. Raises KeysLost."""
        return await self._run(lambda cursor: self._keyring.by_id(cursor, key_ids))
