"""States of persons that are remembered between batches, within a number of bytes."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final, Generic, TypeVar
from uuid import UUID

S = TypeVar("S")
REMEMBERED_BYTES: Final = 64 << 20
_OVERHEAD: Final = 400
_PER_ENCODED_BYTE: Final = 6
"""About what a state takes in memory for each byte of its MessagePack."""


class Remembered(Generic[S]):
    """The states that were used last."""

    def __init__(self, most_bytes: int = REMEMBERED_BYTES) -> None:
        self._most = most_bytes
        self._states: OrderedDict[UUID, tuple[S, int]] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._states)

    def among(self, persons: Iterable[UUID]) -> dict[UUID, S]:
        """Give the states that are remembered of these persons."""
        found = {}
        for person in persons:
            if (kept := self._states.get(person)) is not None:
                self._states.move_to_end(person)
                found[person] = kept[0]
        return found

    def put(self, person: UUID, state: S, encoded: int) -> None:
        """Remember a state whose MessagePack has about so many bytes."""
        self.forget((person,))
        self._states[person] = (state, encoded)
        self._bytes += _memory(encoded)

    def size(self, person: UUID) -> int:
        """Give about how many bytes the MessagePack of a remembered state has; 0 if it isn't remembered."""
        kept = self._states.get(person)
        return kept[1] if kept else 0

    def forget(self, persons: Iterable[UUID]) -> None:
        """Forget these persons."""
        for person in persons:
            if (kept := self._states.pop(person, None)) is not None:
                self._bytes -= _memory(kept[1])

    def surplus(self) -> dict[UUID, S]:
        """Forget, and give, what is too much: those used longest ago, until half of the bytes are free."""
        found = {}
        if self._bytes > self._most:
            while self._bytes > self._most // 2 and self._states:
                person, (found[person], encoded) = self._states.popitem(last=False)
                self._bytes -= _memory(encoded)
        return found

    def everything(self) -> dict[UUID, S]:
        """Give all that is remembered."""
        return {person: state for person, (state, _) in self._states.items()}

    def clear(self) -> None:
        """Forget everybody."""
        self._states.clear()
        self._bytes = 0


def _memory(encoded: int) -> int:
    return _OVERHEAD + _PER_ENCODED_BYTE * encoded
