"""Merging one JSON object into another (xAPI 1.0.3 Communication 2.2, JSON Procedure).

Only the top level is merged. Values are never decoded: they stay the bytes they were, so numbers keep all their digits.
"""

import re
from typing import Final

from msgspec import DecodeError, Raw, json

from lrs.document.errors import NotMergeable

JSON: Final = "application/json"

_read = json.Decoder(dict[str, Raw]).decode
_STRING_OR_BRACKET: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|([\[{])|[\]}]', re.DOTALL)


def is_json(content_type: str) -> bool:
    """Tell if a content is declared as JSON, with whatever parameters."""
    return content_type.partition(";")[0].strip().lower() == JSON


def read_object(content: bytes, what: str, depth: int) -> dict[str, Raw]:
    """Read a JSON object with its values as they are; ``what`` names it if it is none. Raises NotMergeable."""
    try:
        # Values stay bytes, whose encoding the JSON decoder doesn't look at.
        content.decode()
        found = _read(content)
    except UnicodeDecodeError as error:
        raise NotMergeable(f"{what} is not UTF-8: {error.reason} at byte {error.start}") from None
    except RecursionError:
        raise _too_deep(what, depth) from None
    except DecodeError as error:
        reason = str(error).removeprefix("JSON is malformed: ")
        raise NotMergeable(f"{what} is not a JSON object: {reason}") from None
    if _is_deeper(content, depth):
        raise _too_deep(what, depth)
    return found


def merge(old: dict[str, Raw], new: dict[str, Raw]) -> bytes:
    """Give the JSON object that has all properties of both, the new ones' values where both have them."""
    return json.encode({**old, **new})


def _too_deep(what: str, depth: int) -> NotMergeable:
    return NotMergeable(f"{what} has lists and objects deeper than this server's {depth}")


def _is_deeper(content: bytes, limit: int) -> bool:
    if content.count(b"[") + content.count(b"{") <= limit:
        return False
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(content):
        if token[1]:
            depth += 1
            if depth > limit:
                return True
        elif token[0] in (b"]", b"}"):
            depth -= 1
    return False
