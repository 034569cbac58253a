"""Cuts what is read into single JSON values, byte for byte as they were written, one in memory at a time.

It is done here and not by a streaming parser because those hand out numbers and strings as their own values, and what
is kept for ever is what the sender wrote. Only brackets and strings are looked at: whether an item is good JSON is
found out by whoever decodes it, so that a bad one is refused by itself.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lrs.importer.broken import Broken

_BOM = b"\xef\xbb\xbf"
_SPACE = re.compile(rb"[ \t\r\n]*")
_INSIDE = re.compile(rb'(?:[^"{}\[\]]+|"(?:[^"\\]+|\\.)*+")*+', re.DOTALL)
"""All up to the next bracket that isn't in a string, or up to a string that isn't all there yet."""
_STRING = re.compile(rb'"(?:[^"\\]+|\\.)*+"', re.DOTALL)
_WORD = re.compile(rb'[^ \t\r\n,{}\[\]"]+')
_QUOTED = re.compile(rb'(?:[^"\\]+|\\.)*+', re.DOTALL)
"""All up to the end of a string, or up to a backslash whose other half isn't there yet."""


class Item(NamedTuple):
    """One JSON value, or what stands in its place."""

    text: bytes
    line: int
    """Line of the file on which it begins, counted from 1."""
    too_large: str = ""
    """Why its text isn't here, if it is larger than what is kept in memory."""


class _TooLarge(Broken):
    """More than may be in memory at a time."""


def split(chunks: Iterable[bytes], longest: int) -> Iterator[Item]:
    """Give the items of a JSON list, of JSON lines, or of JSON values one after the other.

    ``longest`` is the size in bytes above which an item is passed over, which bounds the memory used. Raises Broken
    where nothing can be made of what follows.
    """
    window = _Window(iter(chunks), longest)
    window.skip_mark()
    if not window.skip_space():
        return
    first = window.text[window.at : window.at + 1]
    if first == b"{" and window.is_lines():
        yield from _lines(window)
    elif first in {b"{", b"["}:
        yield from _values(window)
    else:
        while len(window.text) - window.at < 4 and window.more():
            pass
        start = window.text[window.at : window.at + 4]
        raise Broken(f"neither JSON lines nor a JSON list, plain or gzip, in UTF-8: it begins with {start!r}")


class _Window:
    """The part of the text that is in memory."""

    def __init__(self, chunks: Iterator[bytes], longest: int) -> None:
        self._chunks = chunks
        self._longest = longest
        self._before = 0
        self.text = b""
        self.at = 0
        self.line = 1

    def more(self) -> bool:
        """Read on, and forget what lies before ``at``, which becomes 0; False at the end."""
        self._bound(len(self.text) - self.at)
        chunk = next((chunk for chunk in self._chunks if chunk), b"")
        self._before += self.at
        self.text = self.text[self.at :] + chunk
        self.at = 0
        return bool(chunk)

    def _bound(self, size: int) -> None:
        """Hold what is known of the size of the item that begins here against the limit. Raises _TooLarge."""
        if size > self._longest:
            raise _TooLarge(
                f"the item that begins at {self.place()} is larger than {self._longest} bytes: "
                "to import it, raise LRS_MAX_BODY_BYTES and import the same file again"
            )

    def place(self) -> str:
        """Name the place that ``at`` is, for people."""
        return f"line {self.line}, byte {self._before + self.at + 1}"

    def skip_mark(self) -> None:
        """Skip a byte order mark."""
        while len(self.text) < len(_BOM) and self.more():
            pass
        if self.text.startswith(_BOM):
            self.at = len(_BOM)

    def skip_space(self) -> bool:
        """Go to the next byte that isn't white space; False if there is none."""
        while True:
            found = _SPACE.match(self.text, self.at)
            end = found.end() if found else self.at
            self.go(end)
            if end < len(self.text):
                return True
            if not self.more():
                return False

    def go(self, end: int) -> None:
        """Go on to a place in ``text``."""
        self.line += self.text.count(b"\n", self.at, end)
        self.at = end

    def is_lines(self) -> bool:
        """Tell JSON lines from values written over several lines: the first line is whole, or a second begins anew."""
        try:
            newline = self._find_newline(0)
            if newline < 0 or _is_whole(self.text[self.at : newline]):
                return True
            while (following := self.text[newline:].lstrip(b" \t\r\n")) == b"" and self.more():
                newline = self._find_newline(0)
        except _TooLarge:
            # Who writes a value over several lines doesn't write lines that long.
            return True
        return following.startswith(b"{")

    def _find_newline(self, start: int) -> int:
        while (newline := self.text.find(b"\n", self.at + start)) < 0:
            start = len(self.text) - self.at
            if not self.more():
                return -1
        self._bound(newline - self.at)
        return newline

    def take_line(self) -> Item | None:
        """Take the rest of the line, without white space around it; None if nothing is left."""
        try:
            newline = self._find_newline(0)
        except _TooLarge as reason:
            item = Item(b"", self.line, str(reason))
            self._skip_line()
            return item
        end = len(self.text) if newline < 0 else newline + 1
        if end == self.at:
            return None
        item = Item(self.text[self.at : end].strip(b" \t\r\n"), self.line)
        self.go(end)
        return item

    def _skip_line(self) -> None:
        while (newline := self.text.find(b"\n", self.at)) < 0:
            self.at = len(self.text)
            if not self.more():
                return
        self.go(newline + 1)

    def take(self) -> bytes:
        """Take one byte."""
        self.at += 1
        return self.text[self.at - 1 : self.at]

    def take_value(self) -> Item:
        """Take the value that begins here."""
        first = self.text[self.at]
        try:
            size = self._structure() if first in b"{[" else self._scalar(_STRING if first == b'"'[0] else _WORD)
            self._bound(size)
        except _TooLarge as reason:
            if first not in b'{["':
                raise
            item = Item(b"", self.line, str(reason))
            self._skip_value()
            return item
        item = Item(self.text[self.at : self.at + size], self.line)
        self.go(self.at + size)
        return item

    def _skip_value(self) -> None:
        """Go to the end of the object, list or string that begins here, and keep nothing of it."""
        begin = self.place()
        depth, quoted = 0, self.text.startswith(b'"', self.at)
        self.at += quoted
        while True:
            found = (_QUOTED if quoted else _INSIDE).match(self.text, self.at)
            self.go(found.end() if found else self.at)
            sign = self.text[self.at : self.at + 1]
            if sign in {b"", b"\\"}:
                if not self.more():
                    raise Broken(f"the file ends within the item that begins at {begin}: it was cut off")
                continue
            self.at += 1
            if sign == b'"':
                quoted = not quoted
            else:
                depth += 1 if sign in b"{[" else -1
            if depth == 0 and not quoted:
                return

    def _structure(self) -> int:
        """Measure an object or list."""
        depth = size = 0
        while True:
            found = _INSIDE.match(self.text, self.at + size)
            size = found.end() - self.at if found else size
            bracket = self.text[self.at + size : self.at + size + 1]
            if bracket in {b"", b'"'}:
                if not self.more():
                    raise Broken(f"the file ends within the item that begins at {self.place()}: it was cut off")
                continue
            size += 1
            depth += 1 if bracket in b"{[" else -1
            if depth == 0:
                return size

    def _scalar(self, pattern: "re.Pattern[bytes]") -> int:
        """Measure a string, number or word: no statement, but it can be told what it is."""
        quoted = pattern is _STRING
        while True:
            found = pattern.match(self.text, self.at)
            if found and (quoted or found.end() < len(self.text)):
                return found.end() - self.at
            if not found and not quoted:
                raise Broken(f"at {self.place()} a value should begin, not {self.text[self.at : self.at + 1]!r}")
            if not self.more():
                if found:
                    return found.end() - self.at
                raise Broken(f"the file ends within the string that begins at {self.place()}: it was cut off")


def _is_whole(line: bytes) -> bool:
    """Tell if all brackets that a line opens are closed in it."""
    window = _Window(iter(()), len(line))
    window.text = line
    try:
        window.take_value()
    except Broken:
        return False
    return True


def _lines(window: _Window) -> Iterator[Item]:
    while item := window.take_line():
        if item.text or item.too_large:
            yield item


def _values(window: _Window) -> Iterator[Item]:
    while window.skip_space():
        if window.text[window.at] == b"["[0]:
            yield from _elements(window)
        else:
            yield window.take_value()


def _elements(window: _Window) -> Iterator[Item]:
    begin = window.place()
    window.take()
    _skip_space_in_list(window, begin)
    if window.text[window.at] == b"]"[0]:
        window.take()
        return
    while True:
        yield window.take_value()
        _skip_space_in_list(window, begin)
        place = window.place()
        separator = window.take()
        if separator == b"]":
            return
        if separator != b",":
            raise Broken(f"at {place} the list should go on with a comma or end with ], not {separator!r}")
        _skip_space_in_list(window, begin)


def _skip_space_in_list(window: _Window, begin: str) -> None:
    if not window.skip_space():
        raise Broken(f"the file ends at {window.place()}, before the list that begins at {begin} does: it was cut off")
