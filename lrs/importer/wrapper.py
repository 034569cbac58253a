"""What exports put around statements, and taking it off."""

import re

from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType, json

_STRING = re.compile(rb'"(?:[^"\\]+|\\.)*+"(\s*:)?', re.DOTALL)
_DOT = b"&46;"
"""How Learning Locker writes a dot in keys, which its database doesn't allow there."""


class _Outside(Struct):
    actor: Raw | UnsetType = UNSET
    statement: Raw | UnsetType = UNSET
    statements: list[Raw] | UnsetType = UNSET


_outside = json.Decoder(_Outside).decode


def unwrapped(text: bytes) -> list[bytes]:
    """Give the statements in an item: itself, or what is in a StatementResult or an export's document of one.

    A StatementResult has ``statements`` (1.0.3 Data 2.5); Learning Locker's documents, and the lines of our own file of
    refused statements, have ``statement``. Whatever else an item is, it is given as it is, to be refused.
    """
    try:
        outside = _outside(text)
    except (DecodeError, RecursionError):
        return [text]
    if outside.actor is not UNSET:
        return [text]
    if outside.statements is not UNSET:
        return [bytes(one) for one in outside.statements]
    if outside.statement is not UNSET:
        return [_with_dots(bytes(outside.statement))]
    return [text]


def _with_dots(text: bytes) -> bytes:
    if _DOT not in text:
        return text
    return _STRING.sub(lambda found: found[0].replace(_DOT, b".") if found[1] else found[0], text)
