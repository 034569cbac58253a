"""How timestamps are written: kept in the log as they came, given back in UTC.

xAPI 2.0 has timestamps returned in UTC and 1.0.3 recommends it (Data 4.5), with milliseconds at least. The log keeps
the sender's own words, offset and all: they say what time it was where the learner was.
"""

import re
from datetime import UTC, datetime

from msgspec import UNSET, json

from lrs.statement.formats import timestamp
from schemas.xapi import Statement, SubStatement

_decode = json.Decoder(Statement).decode
_encode = json.Encoder().encode

_KEY = b'"timestamp":"'
_OBJECT = b'"object":{'
_SUBSTATEMENT = b'"object":{"objectType":"SubStatement"'
_FINAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,}Z", re.ASCII)
_SECONDS = re.compile(r"T\d\d:?\d\d(?::?(\d\d)(?:[.,](\d+))?)?", re.ASCII | re.IGNORECASE)


def in_utc(moment: datetime) -> str:
    """Write a moment as RFC 3339 in UTC with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def written_in_utc(value: str) -> str:
    """Write a timestamp in UTC with at least three fractional digits; digits that are there are all kept."""
    if _FINAL.fullmatch(value):
        return value
    found = _SECONDS.search(value)
    if found is None:
        return value
    try:
        # Offsets are whole minutes: seconds, leap seconds and fractions pass through as written.
        minute = timestamp(value).astimezone(UTC).isoformat(timespec="minutes")[:16]
    except (ValueError, OverflowError):
        return value
    return f"{minute}:{found[1] or '00'}.{(found[2] or '').ljust(3, '0')}Z"


def returned(text: bytes, stored: bytes) -> bytes:
    """Rewrite the timestamps in a statement's own JSON, people joined, as they are given back.

    An empty one was left out by the sender and is when the statement was stored.
    """
    # The first one is the statement's own: before it come only actor and verb. To look no further is to read a quarter.
    if text.startswith(_SUBSTATEMENT, text.index(_OBJECT)):
        text = _with_substatement(text)
    # The last one is the statement's own: after it come only authority, version and attachments, and none of these
    # has a timestamp. A quote inside a string is escaped, so no words of a sender look like a key.
    start = text.rindex(_KEY) + len(_KEY)
    end = text.index(b'"', start)
    final = written_in_utc(text[start:end].decode()).encode() or stored
    return text[:start] + final + text[end:]


def _with_substatement(text: bytes) -> bytes:
    statement = _decode(text)
    inner = statement.object
    if not isinstance(inner, SubStatement) or inner.timestamp is UNSET:
        return text
    inner.timestamp = written_in_utc(inner.timestamp)
    return _encode(statement)
