"""Merging one JSON object into another (xAPI 1.0.3 Communication 2.2, JSON Procedure).

Only the top level is merged. Values are never decoded: they stay the bytes they were, so numbers keep all their digits.
"""

from typing import Final

from msgspec import DecodeError, Raw, json

from lrs.document.errors import NotMergeable
from lrs.statement import is_deeper
from lrs.statement.surrogates import half_in

JSON: Final = "application/json"

_read = json.Decoder(dict[str, Raw]).decode


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
        if half := half_in(content, what):
            raise NotMergeable(f"{half.path} {half.reason}") from None
        reason = str(error).removeprefix("JSON is malformed: ")
        raise NotMergeable(f"{what} is not a JSON object: {reason}") from None
    if is_deeper(content, depth):
        raise _too_deep(what, depth)
    return found


def merge(old: dict[str, Raw], new: dict[str, Raw]) -> bytes:
    """Give the JSON object that has all properties of both, the new ones' values where both have them."""
    return json.encode({**old, **new})


def _too_deep(what: str, depth: int) -> NotMergeable:
    return NotMergeable(f"{what} has lists and objects deeper than this server's {depth}")
