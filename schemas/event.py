"""What the log holds of a statement: sealed, and the same for ever."""

from msgspec import Struct, msgpack

STATEMENT_RECORDED = "statement.recorded"
"""Topic of the event that records a statement; its originator is the statement's id, its version 1."""


class SealedPart(Struct, array_like=True, frozen=True):
    """Bytes sealed under the key with this id (16 bytes)."""

    key: bytes
    sealed: bytes


class StatementRecorded(Struct, array_like=True, frozen=True):
    """State of a ``statement.recorded`` event, written as a MessagePack array.

    What is assigned under the store's lock (position, stored) is not in here: it stands beside it in the log.
    New fields may only be added at the end, with a default.
    """

    learner: bytes
    """The learner whose statement it is (16 bytes): random, means nothing outside the store's key table."""
    text: SealedPart
    """The statement's JSON without ``stored``, each other person replaced by the byte 0xFF."""
    mentions: tuple[SealedPart, ...]
    """The other persons' JSON, in the order of the cuts, each under that person's key."""
    defines: bool
    """Whether the sender may define activities (xAPI scope ``define``)."""
    salted: bool = False
    """Whether text and mentions are sealed under keys derived with the statement's salt, so that it can be forgotten by
    itself. Those recorded before there were salts are sealed under their persons' keys alone."""


encode_statement_recorded = msgpack.Encoder().encode
decode_statement_recorded = msgpack.Decoder(StatementRecorded).decode
