"""Reads Content-Type headers (RFC 9110 section 8.3)."""

import re
from typing import Final

_BOUNDARY: Final = re.compile(r';\s*boundary=(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))', re.IGNORECASE)
_ESCAPED: Final = re.compile(r"\\(.)")


def media_type(header: bytes | str) -> str:
    """Give the type alone, in lower case, without parameters such as charset."""
    text = header.decode("latin-1") if isinstance(header, bytes) else header
    return text.partition(";")[0].strip().lower()


def boundary(header: str) -> str | None:
    """Give the boundary of a multipart type, sent with quotes or without them.

    RFC 2045 wants quotes around a boundary with ``=`` or ``/`` in it; clients that leave them out are understood too.
    """
    found = _BOUNDARY.search(header)
    if found is None:
        return None
    quoted, bare = found.groups()
    return bare if quoted is None else _ESCAPED.sub(r"\1", quoted)
