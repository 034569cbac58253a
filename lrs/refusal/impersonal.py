"""Takes what a sender wrote out of a refusal: what stays says what was wrong, and of nobody."""

import inspect
import re
from functools import cache
from typing import Final

from msgspec import Struct
from msgspec.structs import fields

from schemas import xapi

_LONGEST: Final = 300
_VALUES: Final = re.compile(
    r"""
    (?<!\w)'(?:\\.|[^'\\])*'?          # as repr writes a text; an apostrophe within a word opens none
    | (?<!\w)"(?:\\.|[^"\\])*"?
    | `[^`]*`?
    | \S+@\S+
    | \b[a-zA-Z][a-zA-Z0-9+.-]*://\S+
    | \b(?:mailto|urn|tag):\S+
    | \b[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}\b
    | \b[0-9a-fA-F]{32,}\b             # a hash
    | [^\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]+
    | \b\d{7,}\b
    """,
    re.VERBOSE | re.DOTALL,
)
_PART: Final = re.compile(r"[^.\[\]]+|\[\d*\]|\[[^\]]*\]?|\.|\]")


def reason(text: str) -> str:
    """Give the words of a refusal without values."""
    return _VALUES.sub("…", text)[:_LONGEST]


def place(path: str) -> str:
    """Give a path without places in lists, and without names that xAPI doesn't know."""
    return "".join(_part(part) for part in _PART.findall(path))[:_LONGEST]


def _part(part: str) -> str:
    if part == ".":
        return part
    if part.startswith("["):
        return "[]" if part.strip("[]").isdigit() else "[…]"
    return part if part in _names() else "…"


@cache
def _names() -> frozenset[str]:
    structs = (one for _, one in inspect.getmembers(xapi, inspect.isclass) if issubclass(one, Struct))
    return frozenset({"statements", "statement", *(field.encode_name for one in structs for field in fields(one))})
