"""Reads Content-Type headers (RFC 9110 section 8.3)."""

import re
from typing import Final

# Not by Python's `email`, which takes minutes over a long header and fails at parts of a value (RFC 2231) that don't go
# together, nor by the `multipart` package, which ends an unquoted boundary at the first `=` or `/`.
_PARAMETER: Final = re.compile(r';[ \t]*([^ \t=;]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^ \t;]*))')
_ESCAPED: Final = re.compile(r"\\(.)")


def media_type(header: bytes | str) -> str:
    """Give the type alone, in lower case, without parameters such as charset."""
    text = header.decode("latin-1") if isinstance(header, bytes) else header
    return text.partition(";")[0].strip().lower()


def boundary(header: str) -> str | None:
    """Give the boundary of a multipart type, sent with quotes or without them.

    RFC 2045 wants quotes around a boundary with ``=`` or ``/`` in it; clients that leave them out are understood too.
    """
    for name, quoted, bare in _PARAMETER.findall(header):
        if name.lower() == "boundary":
            return _ESCAPED.sub(r"\1", quoted) or bare or None
    return None
