"""The statements of one request on their way into the log."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from lrs.index import Features
from lrs.log.work import Appended, Work
from lrs.statement import Prepared


class SealedContent(NamedTuple):
    """An attachment's content, sealed."""

    sha2: str
    key_id: UUID
    sealed: bytes


class SealedStatement(Struct, frozen=True):
    """A statement with all that goes into the database but what is given out under the store's lock."""

    prepared: Prepared
    event: bytes
    """Its event, packed."""
    salt: bytes
    """What the keys of all its parts are derived with."""
    features: Features
    contents: Sequence[SealedContent]


class KeysDestroyed(Exception):
    """Persons were forgotten after their keys were looked up: what was sealed under these must be sealed anew."""

    def __init__(self, key_ids: Collection[UUID]) -> None:
        super().__init__(f"{len(key_ids)} keys were destroyed")
        self.key_ids = key_ids


class StatementBatch(Work[Appended]):
    """Statements of one request: all of them are recorded, or none.

    They carry their ids: what was recorded already is found again.
    """

    repeatable = True

    def __init__(self, statements: Sequence[SealedStatement], key_ids: Collection[UUID]) -> None:
        """Begin; ``key_ids`` are those of the keys that anything in it is sealed under."""
        contents = [len(content.sealed) for one in statements for content in one.contents]
        super().__init__(sum(contents, sum([len(one.event) for one in statements])))
        self.statements = statements
        self.key_ids = key_ids
