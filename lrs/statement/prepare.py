"""From a valid statement to the one that goes into the log, and back."""

import os
from collections.abc import Iterator
from uuid import UUID

from msgspec import UNSET, Struct, json

from lrs.statement.actor import identity
from lrs.statement.cut import Mention, cut
from lrs.statement.errors import Invalid
from lrs.statement.rules import Version
from lrs.statement.timestamp import returned
from schemas.xapi import Actor, Statement

_ASSIGNED_VERSION = {"1.0.3": "1.0.0", "2.0.0": "2.0.0"}
"""What a statement without a version gets (1.0.3 Data 2.4.10; IEEE 9274.1.1, 4.2.4)."""

UNDATED = ""
"""Stands for a timestamp that was left out: it is when the statement was stored (1.0.3 Data 2.4.7), known later."""

_decoder = json.Decoder(Statement)


def _random_ids() -> Iterator[UUID]:
    """Give random ids (version 4, as uuid4 does) with one system call for many: each may cost a thread switch."""
    while True:
        block = os.urandom(4096)
        for start in range(0, len(block), 16):
            yield UUID(bytes=block[start : start + 16], version=4)


_new_ids = _random_ids()


class Prepared(Struct, frozen=True):
    """A statement ready for the log: complete but for ``stored``, which is given out in the log's own order."""

    id: UUID
    statement: Statement
    actor: str
    """The identity whose key seals the text."""
    text: bytes
    """JSON of the statement, other people cut out (see ``lrs.statement.cut``)."""
    mentions: tuple[Mention, ...]
    """The people cut out, in the order of the cuts."""
    version: Version
    """Of the request: it says what counts when somebody sends another under the same id."""


def prepare(
    statement: Statement,
    *,
    authority: Actor,
    version: Version,
    id: UUID | None = None,  # noqa: A002 it is the statement's
) -> Prepared:
    """Fill in what the record store assigns: id, timestamp, authority and version; ``stored`` of a sender is dropped.

    ``id`` is the one a PUT names. The statement is completed in place.
    """
    if statement.id is UNSET:
        id_ = id or next(_new_ids)
        statement.id = str(id_)
    else:
        id_ = UUID(statement.id)
        if id is not None and id != id_:
            raise Invalid("statement.id", f"{statement.id} is not the statementId of the request, {id}")
    if statement.timestamp is UNSET:
        statement.timestamp = UNDATED
    if statement.version is UNSET:
        statement.version = _ASSIGNED_VERSION[version]
    statement.authority = authority
    statement.stored = UNSET
    actor = identity(statement.actor)
    text, mentions = cut(statement, actor)
    return Prepared(id_, statement, actor, text, mentions, version)


def read(text: bytes) -> Statement:
    """Read a statement from the log, whose JSON is our own and isn't checked again.

    Its timestamp may be UNDATED, unless ``with_stored`` completed the text.
    """
    return _decoder.decode(text)


def with_stored(text: bytes, stored: str) -> bytes:
    """Complete a statement's JSON (people joined) with when it was stored, as it is given back to readers."""
    moment = stored.encode()
    return b'%b,"stored":"%b"}' % (returned(text, moment)[:-1], moment)
