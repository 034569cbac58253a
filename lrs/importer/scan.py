"""Where a JSON value ends, by its brackets and strings alone; a piece of it at a time."""

import re
from typing import Final

Text = bytes | bytearray
# No group is repeated possessively: before 3.11.5 Python gets that wrong (https://github.com/python/cpython/issues/106052).
# Repeated otherwise, a group costs memory each time, so that those that a text may have many of are bounded.
SPACE: Final = re.compile(rb"[ \t\r\n]*+(?:\xef\xbb\xbf[ \t\r\n]*+)*")
"""White space; and byte order marks, which stay where they were when files are put together."""
_BETWEEN: Final = re.compile(rb"\}[ \t\r\n\xef\xbb\xbf]*+[{\[]")
"""Stands between two values, and within one only in a string."""
_INSIDE: Final = re.compile(rb'[^"{}\[\]]*+(?:"[^"\\]*+(?:\\.[^"\\]*+){0,1000}"[^"{}\[\]]*+){0,1000}', re.DOTALL)
"""All up to the next bracket that isn't in a string; or up to a string, one that isn't all there yet at the latest."""
_QUOTED: Final = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+){0,1000}', re.DOTALL)
"""All up to the end of a string; or up to a backslash, one whose other half isn't there yet at the latest."""
_WORD: Final = re.compile(rb'[^ \t\r\n,{}\[\]"]*+')
_QUOTE: Final = b'"'[0]
_BACKSLASH: Final = b"\\"[0]


def end(pattern: "re.Pattern[bytes]", text: Text, at: int) -> int:
    """Give where what matches here ends; ``at``, if nothing does."""
    found = pattern.match(text, at)
    return found.end() if found else at


class Nested:
    """Scans one object, list or string. Next to nothing is looked at twice, however small the pieces it comes in."""

    def __init__(self) -> None:
        self._depth = 0
        self._quoted = False

    def scan(self, text: Text, at: int) -> tuple[int, bool]:
        """Go on at ``at``; gives how far it got, where the next call is to go on, and whether the value ends there."""
        if not self._depth and not self._quoted and text[at] == _QUOTE:
            self._quoted = True
            at += 1
        while True:
            at = end(_QUOTED if self._quoted else _INSIDE, text, at)
            left = len(text) - at
            if not left or (left == 1 and text[at] == _BACKSLASH):
                return at, False
            if text[at] == _BACKSLASH:
                continue
            if text[at] == _QUOTE:
                self._quoted = not self._quoted
            else:
                self._depth += 1 if text[at] in b"{[" else -1
            at += 1
            if not self._depth and not self._quoted:
                return at, True


def scan_word(text: Text, at: int) -> tuple[int, bool]:
    """Do what ``Nested.scan`` does, for a number or word; it may also end with the text."""
    at = end(_WORD, text, at)
    return at, at < len(text)


def apart(line: bytes) -> list[bytes]:
    """Give the objects and lists that stand on a line one after the other; any other line as it is."""
    if not _BETWEEN.search(line):
        return [line]
    found, at = [], 0
    while at < len(line):
        ending, ended = Nested().scan(line, at) if line[at] in b"{[" else (at, False)
        if not ended:
            return [line]
        found.append(line[at:ending])
        at = end(SPACE, line, ending)
    return found
