"""The sealed parts of an event: whose they are, and opening them."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import msgpack

from lrs.audit.bundle.lines import Claim
from lrs.log.reader import seal_context
from schemas.document_event import DOCUMENT_CHANGED, DOCUMENT_DELETED, DocumentEvent
from schemas.event import STATEMENT_RECORDED, SealedPart, StatementRecorded, decode_statement_recorded

_DOCUMENTS: Final = frozenset({DOCUMENT_CHANGED, DOCUMENT_DELETED})
_decode_document: Final = msgpack.Decoder(DocumentEvent).decode
_NONCE: Final = 12
KEY_BYTES: Final = 32


class Parts(NamedTuple):
    """What an event says of persons without being opened."""

    learner: bytes | None
    """Whose event it is."""
    sealed: tuple[SealedPart, ...]
    """Of a statement: its text, then its mentions."""
    statement: StatementRecorded | None = None


def parts_of(topic: str, state: bytes) -> Parts:
    """Give the parts of an event; none of those that aren't about one person. Raises ValueError for what it isn't."""
    try:
        if topic == STATEMENT_RECORDED:
            recorded = decode_statement_recorded(state)
            return Parts(recorded.learner, (recorded.text, *recorded.mentions), recorded)
        if topic in _DOCUMENTS:
            document = _decode_document(state)
            what = document.what
            return Parts(document.learner, (what,) if isinstance(what, SealedPart) else ())
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"its state isn't that of a {topic}: {error}") from None
    return Parts(None, ())


def about(claim: Claim) -> Callable[[Parts], bool]:
    """Give what tells whether an event is about the learners of a claim: theirs, or with anything of theirs in it."""
    learners = {learner.bytes for learner in claim.learners}
    keys = {key.bytes for key in claim.keys}
    return lambda parts: parts.learner in learners or any(part.key in keys for part in parts.sealed)


def opened(statement: UUID, parts: Parts, keys: tuple[bytes | None, ...]) -> Iterator[bytes | None]:
    """Give the plain text of each part whose key is given. Raises ValueError, naming the part that doesn't open."""
    if len(keys) != len(parts.sealed):
        raise ValueError(f"it has {len(parts.sealed)} sealed parts and {len(keys)} places for keys")
    for number, (part, key) in enumerate(zip(parts.sealed, keys, strict=True)):
        if key is None:
            yield None
            continue
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key of its part {number} isn't {KEY_BYTES} bytes")
        try:
            nonce, sealed = part.sealed[:_NONCE], part.sealed[_NONCE:]
            yield AESGCM(key).decrypt(nonce, sealed, seal_context(statement, number))
        except (InvalidTag, ValueError):
            raise ValueError(f"its sealed part {number} doesn't open with the key that is given") from None
