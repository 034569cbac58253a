"""What the index keeps of a statement."""

from uuid import UUID

from msgspec import Struct

from lrs.index.definitions import definitions
from lrs.index.terms import terms
from lrs.seal import Keyring
from schemas.xapi import Statement


class Definition(Struct, frozen=True):
    """What a statement says of an activity."""

    digest: bytes
    iri: str
    definition: bytes
    """JSON."""


class Features(Struct, frozen=True):
    """What a statement can be found by, and which activities it defines. Depends on nothing but the statement."""

    terms: list[bytes]
    """16 bytes each."""
    definitions: list[Definition]


def features(keyring: Keyring, statement: Statement, *, defines: bool) -> Features:
    """Take from a statement what the index keeps of it."""
    said = definitions(statement) if defines else ()
    digest = keyring.terms_of("activity")
    return Features(terms(keyring, statement), [Definition(digest(iri), iri, text) for iri, text in said])


class Entry(Struct, frozen=True):
    """A recorded statement to index."""

    position: int
    id: UUID
    statement: Statement
    features: Features
