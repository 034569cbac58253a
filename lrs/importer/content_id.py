"""Ids for statements that have none: from what they say, so that importing them again changes nothing."""

import hashlib
import json
from uuid import UUID, uuid5

_NAMESPACE = UUID("5d0e3b8a-6c0f-4c1b-9d3e-7a2f1c64b8e5")
"""Never to change: a file imported before would be imported anew."""


def content_id(text: bytes) -> UUID:
    """Give the id of a statement from its JSON as exported: white space and the order of properties don't count."""
    value = json.loads(text, parse_float=_as_written, parse_int=_as_written)
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return uuid5(_NAMESPACE, hashlib.sha256(canonical.encode()).hexdigest())


def _as_written(number: str) -> str:
    """Keep every digit; the NUL tells a number from a string of digits."""
    return f"\0{number}"
