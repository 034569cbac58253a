"""The keys of a store's persons, for coroutines."""

from collections.abc import Awaitable, Callable, Collection
from typing import Protocol, TypeVar
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow

from lrs.seal import Keyring, PersonKey

T = TypeVar("T")


class _Run(Protocol):
    def __call__(self, work: Callable[[Cursor[TupleRow]], T], /) -> Awaitable[T]: ...


class StoreKeys:
    """Finds and makes keys without blocking. Methods raise Unavailable if the database is away."""

    def __init__(self, keyring: Keyring, run: _Run) -> None:
        self._keyring = keyring
        self._run = run

    def digest(self, kind: str, value: str) -> UUID:
        """Keyed digest of anything personal; see ``Keyring.digest``."""
        return self._keyring.digest(kind, value)

    async def of(self, identities: Collection[str]) -> dict[str, PersonKey]:
        """Give the current key of each identity, made where there is none. Raises KeysLost."""
        return await self._run(lambda cursor: self._keyring.of(cursor, identities))

    async def by_id(self, key_ids: Collection[UUID]) -> dict[UUID, PersonKey]:
        """Give these keys; the ones that an erasure destroyed are absent. Raises KeysLost."""
        return await self._run(lambda cursor: self._keyring.by_id(cursor, key_ids))
