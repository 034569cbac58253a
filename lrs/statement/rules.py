"""What a statement is held against: the version of xAPI and this server's limits."""

from typing import Literal, NamedTuple

from msgspec import Struct

Version = Literal["1.0.3", "2.0.0"]
"""The two versions served; every 1.0.x request follows 1.0.3."""


class Limits(Struct, frozen=True, kw_only=True):
    """How much one request may hold."""

    batch: int = 1000
    """Statements in one request."""
    depth: int = 64
    """Lists and objects inside each other in an extension's value."""
    attachments: int = 100
    """Attachments of one statement."""
    people: int = 10_000
    """Persons and groups one statement may mention beside its actor: each has a key, looked up one by one."""


class Rules(NamedTuple):
    """What the checks go by."""

    version: Version
    limits: Limits
