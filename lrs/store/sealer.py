"""Makes statements ready for the log: seals them under their persons' keys."""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from lrs.index import features
from lrs.log.event import NewEvent
from lrs.log.reader import seal_context
from lrs.log.recorder import packed
from lrs.log.salt import new_salts
from lrs.seal import Keyring, PersonKey
from lrs.statement import Prepared, attachments_of
from lrs.store.batch import SealedContent, SealedStatement, StatementBatch
from lrs.store.keys import StoreKeys
from schemas.event import STATEMENT_RECORDED, SealedPart, StatementRecorded, encode_statement_recorded

_AT_ONCE = 1000
"""Parts that are sealed before the event loop goes on with others: a request may mention a hundred thousand persons."""
_REMEMBERED_BYTES = 8 << 20
"""Length of the identifiers whose keys are remembered, together: enough for some hundred thousand persons."""


class Sealer:
    """Seals for one store, in the event loop.

    An append then has little left to do but wait for the database, and while it waits, the next is made ready here.
    """

    def __init__(self, keyring: Keyring, keys: StoreKeys) -> None:
        self._keyring = keyring
        self._look_up = keys
        self._keys: dict[str, PersonKey] = {}
        self._remembered = 0

    async def batch(
        self, statements: Sequence[Prepared], *, defines: bool, contents: Mapping[str, bytes]
    ) -> StatementBatch:
        """Seal the statements of a request. Raises Unavailable if keys must be looked up and the database is away."""
        identities = {statement.actor for statement in statements}
        identities.update([mention.identity for statement in statements for mention in statement.mentions])
        keys = await self._of(identities)
        sealed: list[SealedStatement] = []
        for piece in _pieces(statements):
            if sealed:
                await asyncio.sleep(0)
            sealed += self._sealed(piece, keys, defines=defines, contents=contents)
        return StatementBatch(sealed, [keys[who].id for who in identities])

    def _sealed(
        self,
        statements: Sequence[Prepared],
        keys: Mapping[str, PersonKey],
        *,
        defines: bool,
        contents: Mapping[str, bytes],
    ) -> Iterable[SealedStatement]:
        # Step by step for all: the processor keeps the code of one step at hand, but not of all (a tenth more batches).
        salts = new_salts(len(statements))
        states = [_state(statement, keys, salt, defines) for statement, salt in zip(statements, salts, strict=True)]
        events = [
            packed(NewEvent(statement.id, 1, STATEMENT_RECORDED, state))
            for statement, state in zip(statements, states, strict=True)
        ]
        found = [features(self._keyring, statement.statement, defines=defines) for statement in statements]
        sent = [
            list(_contents(statement, keys, salt, contents)) if contents else ()
            for statement, salt in zip(statements, salts, strict=True)
        ]
        return map(SealedStatement, statements, events, salts, found, sent)

    def forget(self, key_ids: Collection[UUID]) -> None:
        """Use these keys no more: who returns after having been forgotten is somebody new."""
        self._keys = {who: key for who, key in self._keys.items() if key.id not in key_ids}

    async def _of(self, identities: Collection[str]) -> Mapping[str, PersonKey]:
        missing = {who for who in identities if who not in self._keys}
        if not missing:
            return self._keys
        # Others may forget what is remembered while this waits.
        known = {who: self._keys[who] for who in identities if who not in missing}
        found = await self._look_up.of(missing)
        if self._remembered > _REMEMBERED_BYTES:
            self._remembered = 0
            self._keys = {}
        self._remembered += sum(map(len, missing))
        self._keys |= found
        return known | found


def _state(statement: Prepared, keys: Mapping[str, PersonKey], salt: bytes, defines: bool) -> bytes:
    key = keys[statement.actor]
    text = key.seal(statement.text, seal_context(statement.id, 0), salt)
    mentions = []
    for part, mention in enumerate(statement.mentions, start=1):
        other = keys[mention.identity]
        mentions.append(SealedPart(other.id.bytes, other.seal(mention.text, seal_context(statement.id, part), salt)))
    return encode_statement_recorded(
        StatementRecorded(key.learner.bytes, SealedPart(key.id.bytes, text), tuple(mentions), defines, salted=True)
    )


def _contents(
    statement: Prepared, keys: Mapping[str, PersonKey], salt: bytes, contents: Mapping[str, bytes]
) -> Iterable[SealedContent]:
    key = keys[statement.actor]
    for sha2 in {attachment.sha2.lower() for attachment in attachments_of(statement.statement)}:
        if sha2 in contents:
            yield SealedContent(sha2, key.id, key.seal(contents[sha2], sha2.encode(), salt))


def _pieces(statements: Sequence[Prepared]) -> Iterator[Sequence[Prepared]]:
    """Cut a request into pieces of not many more parts than are sealed at once: mostly it is one."""
    start = parts = 0
    for end, statement in enumerate(statements, 1):
        parts += 1 + len(statement.mentions)
        if parts >= _AT_ONCE:
            yield statements[start:end]
            start, parts = end, 0
    if start < len(statements):
        yield statements[start:]
