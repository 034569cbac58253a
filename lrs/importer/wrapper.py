"""What exports put around statements, and taking it off."""

import re

from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType, json

from lrs.importer.scan import Nested

_COLON = re.compile(rb"\s*:")
_DOT = b"&46;"
"""How Learning Locker writes a dot in keys, which its database doesn't allow there."""


class _Outside(Struct):
    actor: Raw | UnsetType = UNSET
    line: Raw | UnsetType = UNSET
    reason: Raw | UnsetType = UNSET
    text: Raw | UnsetType = UNSET
    statement: Raw | UnsetType = UNSET
    statements: list[Raw] | UnsetType = UNSET


_outside = json.Decoder(_Outside).decode


def unwrapped(text: bytes) -> list[bytes]:
    """Give the statements in an item: itself, or what is in a StatementResult or an export's document of one.

    A StatementResult has ``statements`` (1.0.3 Data 2.5); Learning Locker's documents, and the lines of our own file of
    refused statements, have ``statement``; those of what was no JSON, a ``reason`` and the ``text``. Whatever else an
    item is, it is given as it is, to be refused.
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
    if outside.line is not UNSET and outside.reason is not UNSET and outside.text is not UNSET:
        return _mended(text, outside.text)
    return [text]


def _mended(item: bytes, text: Raw) -> list[bytes]:
    """Give what is in the text of a line of refused statements; the line, where nothing is."""
    try:
        inner = json.decode(text, type=str)
    except DecodeError:
        return [item]
    return unwrapped(inner.encode()) if inner else [item]


def _with_dots(text: bytes) -> bytes:
    if _DOT not in text:
        return text
    parts, at = [], 0
    while (start := text.find(b'"', at)) >= 0:
        ending, _ = Nested().scan(text, start)
        string = text[start:ending]
        parts += [text[at:start], string.replace(_DOT, b".") if _COLON.match(text, ending) else string]
        at = ending
    return b"".join([*parts, text[at:]])
