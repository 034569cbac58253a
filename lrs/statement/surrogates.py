"""Halves of surrogate pairs: JavaScript leaves one where it cuts a text in the middle of an emoji."""

import json
import re
from typing import Any

from lrs.statement.errors import Invalid, step_to

_HALF = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(rb"\\u[dD][89a-fA-F]")
_LOOKED_THROUGH = 1 << 20
"""Bytes of a body that is gone through value by value, which holds others up."""


def half_in(body: bytes, root: str) -> Invalid | None:
    """Find a string with half of a pair in a body that was refused; ``root`` begins its path.

    The decoder only says that something about the JSON is wrong; Python's own takes it.
    """
    if len(body) > _LOOKED_THROUGH or not _ESCAPED.search(body):
        return None
    try:
        found = _half(json.loads(body))
    except (ValueError, RecursionError):
        return None
    if found is None:
        return None
    path, half = found
    code = f"\\u{ord(half):x}"
    return Invalid(root + path, f"has half of a surrogate pair ({code}): no character, and not to be written in UTF-8")


def _half(value: Any) -> tuple[str, str] | None:
    """Give the path of such a string within a value, and the half."""
    if isinstance(value, str):
        half = _HALF.search(value)
        return half and ("", half[0])
    if isinstance(value, dict):
        for name, inner in value.items():
            if found := _half(name) or _half(inner):
                return step_to(name) + found[0], found[1]
    elif isinstance(value, list):
        for place, item in enumerate(value):
            if found := _half(item):
                return f"[{place}]{found[0]}", found[1]
    return None
