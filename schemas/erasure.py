"""What the log holds of an erasure: whose data, or which statements, can't be read any more from then on.

An erasure isn't undone and hides nothing: the events that it makes unreadable stay where they are, and so does this
one. It names learners and keys by their random ids, statements by position, and nobody by who they were.
"""

from typing import Final
from uuid import UUID

from msgspec import Struct, msgpack

LEARNER_ERASED: Final = "learner.erased"
"""Topic of the event that a person was erased; originator: the person, in the next version of that id."""
STATEMENTS_EXPIRED: Final = "statements.expired"
"""Topic of the event that a retention rule made statements unreadable; originator: a random id."""
ERASURE_TOPICS: Final = (LEARNER_ERASED, STATEMENTS_EXPIRED)


class Reference(Struct, array_like=True, frozen=True):
    """What is left of a statement that pointed at another: at which, or what it voided would be valid again."""

    position: int
    """Of the statement that can't be read any more."""
    id: bytes
    """Its id (16 bytes)."""
    target: bytes
    """The statement it pointed at with a StatementRef as its object (16 bytes)."""
    voids: bool


class Erased(Struct, array_like=True, frozen=True):
    """State of both events, written as a MessagePack array.

    New fields may only be added at the end, with a default.
    """

    learners: tuple[bytes, ...] = ()
    """Learners (16 bytes each) of the person that was erased, who is named by the first; none if statements expired."""
    keys: tuple[bytes, ...] = ()
    """Ids of the keys that were destroyed (16 bytes each)."""
    touched: tuple[bytes, ...] = ()
    """Other learners of whom something else is known since: those who are in one statement with what was erased."""
    references: tuple[Reference, ...] = ()
    """Which statements the unreadable ones pointed at."""
    counts: dict[str, int] = {}
    """How much went, by what it was."""
    by: str = ""
    """Key of the credential it was asked with, ``command line``, or the keyed digest of who had signed in."""
    statements: tuple[int, ...] = ()
    """Positions of the statements that expired; of an erased person they are those of its learners."""


encode_erased = msgpack.Encoder().encode
decode_erased = msgpack.Decoder(Erased).decode


class Erasure(Struct, frozen=True, omit_defaults=True):
    """What a message tells of an erasure: ``change`` of the kind ``erasure``."""

    learners: tuple[UUID, ...] = ()
    """Learners that were erased: nothing of them can be read any more, at whatever position it stands."""
    statements: int = 0
    """How many statements expired, if it was a retention rule."""
