"""How deep lists and objects nest in JSON."""

import re
from typing import Final

_STRING: Final = re.compile(rb'"[^"]*+"')
_ALIKE: Final = bytes.maketrans(b"{}", b"[]")
_OTHERS: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")


def is_deeper(text: bytes, limit: int) -> bool:
    """Tell if lists and objects nest deeper than the limit in a good JSON text.

    Each round takes the innermost pairs of brackets away. All of it happens in C: a text may have millions of brackets,
    and going through them one by one would hold everybody up for seconds.
    """
    # Counting them all first spares nearly every text the rest.
    if text.count(b"[") + text.count(b"{") <= limit:
        return False
    # Without what is escaped, a string ends at the next quotation mark.
    plain = text.replace(rb"\\", b"").replace(rb"\"", b"")
    brackets = _STRING.sub(b"", plain).translate(_ALIKE, _OTHERS)
    for _ in range(limit):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)
