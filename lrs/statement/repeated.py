"""Properties that an object has twice, which 2.0 forbids (IEEE 9274.1.1, 4.2.1)."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from lrs.statement.errors import Invalid, step_to
from schemas.xapi import Statement


def refuse_repeated(body: bytes, statements: Sequence[Statement], root: str) -> None:
    """Refuse a body that says more than the statements read from it: reading keeps only the last of two.

    What is within an extension is its sender's affair. Raises Invalid with the path, which ``root`` begins.
    """
    if _quotes(body) != _quotes(msgspec.json.encode(statements)):
        refuse_repeated_within(body, root)


def refuse_repeated_within(body: bytes, root: str) -> None:
    """Refuse JSON in which an object has a property twice, whatever else is wrong with it. Raises Invalid; slow."""
    try:
        # Numbers as they are written: Python refuses to read one of thousands of digits.
        value = json.loads(body, object_pairs_hook=_Object, parse_int=str)
    except (RecursionError, ValueError):  # nested too deeply, or no JSON in UTF-8: refused for that
        return
    for path in _repeated(value, root):
        raise Invalid(path, "is there more than once: an object has each property once")


def _quotes(text: bytes) -> int:
    """Count the quotation marks around strings: all of them are written anew, and so are those within strings."""
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    return text.count(b'"')


class _Object(dict[str, Any]):
    """An object that knows which of its properties came again."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__()
        self.repeated: list[str] = []
        for name, value in pairs:
            if name in self:
                self.repeated.append(name)
            self[name] = value


def _repeated(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _repeated(item, f"{path}[{place}]")
    elif isinstance(value, _Object):
        for name in value.repeated:
            yield path + step_to(name)
        if not path.endswith(".extensions"):
            for name, inner in value.items():
                yield from _repeated(inner, f"{path}.{name}")
