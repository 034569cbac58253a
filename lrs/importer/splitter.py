"""Cuts what is read into single JSON values, byte for byte as they were written, one in memory at a time.

It is done here and not by a streaming parser because those hand out numbers and strings as their own values, and what
is kept for ever is what the sender wrote. Only brackets and strings are looked at: whether an item is good JSON is
found out by whoever decodes it, so that a bad one is refused by itself.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from lrs.importer.broken import Broken
from lrs.importer.scan import SPACE, Nested, Text, apart, end, scan_word

_MARK: Final = b"\xef\xbb\xbf"
_LINE_END: Final = re.compile(rb"\n|\r[^\n]")


class Item(NamedTuple):
    """One JSON value, or what stands in its place."""

    text: bytes
    line: int
    """Line of the file on which it begins, counted from 1."""
    too_large: str = ""
    """Why its text isn't here, if it is larger than what is kept in memory."""


def split(chunks: Iterable[bytes], longest: int) -> Iterator[Item]:
    """Give the items of a JSON list, of JSON lines, or of JSON values one after the other.

    ``longest`` is the size in bytes above which an item is passed over, which bounds the memory used. Raises Broken
    where nothing can be made of what follows.
    """
    window = _Window(iter(chunks), longest)
    if not window.skip_space():
        return
    first = window.peek(1)
    if first == b"{" and window.is_lines():
        yield from _lines(window)
    elif first in {b"{", b"["}:
        yield from _values(window)
    else:
        while len(window.peek(4)) < 4 and window.more():
            pass
        raise Broken(f"neither JSON lines nor a JSON list, plain or gzip, in UTF-8: it begins with {window.peek(4)!r}")


class _Window:
    """The part of the text that is in memory."""

    def __init__(self, chunks: Iterator[bytes], longest: int) -> None:
        self._chunks = chunks
        self._longest = longest
        self._before = 0
        self._line_end = b"\n"
        # Grows at its end and is let go of at its beginning without copying what is between each time.
        self._text = bytearray()
        self._at = 0
        self._line = 1

    def more(self) -> bool:
        """Read on, and forget what was gone past; False at the end."""
        chunk = next((chunk for chunk in self._chunks if chunk), b"")
        self._before += self._at
        del self._text[: self._at]
        self._at = 0
        self._text += chunk
        return bool(chunk)

    def peek(self, size: int) -> bytes:
        """Look at the next bytes; fewer, if no more are in memory."""
        return bytes(self._text[self._at : self._at + size])

    def place(self) -> str:
        """Name the place where it is, for people."""
        return _place(self._line, self._before + self._at)

    def skip_space(self) -> bool:
        """Go to the next byte that isn't white space; False if there is none."""
        while True:
            self._go(end(SPACE, self._text, self._at))
            if not self._is_undecided(self._at):
                return True
            if not self.more():
                return bool(self._text)

    def _is_undecided(self, at: int) -> bool:
        """Whether it takes more to tell what is here: nothing, or the first bytes of a byte order mark."""
        return _MARK.startswith(self._text[at : at + len(_MARK)])

    def _go(self, to: int) -> None:
        self._line += self._text.count(self._line_end, self._at, to)
        self._at = to

    def is_lines(self) -> bool:
        """Tell JSON lines from objects written otherwise: the first has its line to itself, or isn't all there.

        Learns how lines end, too.
        """
        size = self._first_line()
        until = self._at + (self._longest if size is None else size)
        ending, ended = Nested().scan(self._text, self._at)
        if ended and ending <= until:
            after = end(SPACE, self._text, ending)
            return after >= until or self._text[after] not in b"{["
        # Who writes a value over several lines doesn't write lines that long, nor begins two lines with a brace.
        return size is None or self._begins_anew(size)

    def _first_line(self) -> int | None:
        """Read the first line, and give its size; None if it is longer than an item may be."""
        seen = 0
        while True:
            found = _LINE_END.search(self._text, self._at + seen)
            size = (found.start() if found else len(self._text)) - self._at
            if size > self._longest:
                return None
            if found:
                self._line_end = found[0][:1]
                return size
            seen = size - 1  # where a CR may be that is a line's end only if no LF follows
            if not self.more():
                return size

    def _begins_anew(self, size: int) -> bool:
        """Tell if what follows the first line, which has this size, begins as it does."""
        if self._at + size == len(self._text):
            return True
        while size <= self._longest:
            size = end(SPACE, self._text, self._at + size) - self._at
            if not self._is_undecided(self._at + size) or not self.more():
                return self._text.startswith(b"{", self._at + size)
        return True

    def take_line(self) -> Item:
        """Take the rest of the line."""
        return self._take(self._scan_line, ends_with_file=True)

    def take_value(self) -> Item:
        """Take the value that begins here."""
        if self._text[self._at] in b'{["':
            return self._take(Nested().scan, ends_with_file=False)
        if scan_word(self._text, self._at)[0] == self._at:
            raise Broken(f"at {self.place()} a value should begin, not {self.peek(1)!r}")
        return self._take(scan_word, ends_with_file=True)

    def take(self) -> bytes:
        """Take one byte, which is no line's end."""
        self._at += 1
        return bytes(self._text[self._at - 1 : self._at])

    def _scan_line(self, text: Text, at: int) -> tuple[int, bool]:
        found = text.find(self._line_end, at)
        return (len(text), False) if found < 0 else (found, True)

    def _take(self, scan: Callable[[Text, int], tuple[int, bool]], *, ends_with_file: bool) -> Item:
        """Take what ``scan`` tells the end of; of what is too large nothing is kept."""
        line, begin = self._line, self._before + self._at
        size, ended, too_large = 0, False, ""
        while not ended:
            ending, ended = scan(self._text, self._at + size)
            size = ending - self._at
            if size > self._longest:
                too_large = (
                    f"the item that begins at {_place(line, begin)} is larger than {self._longest} bytes: "
                    "to import it, raise LRS_MAX_BODY_BYTES and import the same file again"
                )
            if too_large:
                self._go(ending)
                size = 0
            if not ended and not self.more():
                if not ends_with_file:
                    place = _place(line, begin)
                    raise Broken(f"the file ends within the item that begins at {place}: it was cut off")
                ended = True
        text = bytes(memoryview(self._text)[self._at : self._at + size])
        self._go(self._at + size)
        return Item(text, line, too_large)


def _place(line: int, before: int) -> str:
    return f"line {line}, byte {before + 1}"


def _lines(window: _Window) -> Iterator[Item]:
    while window.skip_space():
        item = window.take_line()
        if item.too_large:
            yield item
            continue
        for text in apart(item.text.rstrip(b" \t\r\n")):
            yield Item(text, item.line)


def _values(window: _Window) -> Iterator[Item]:
    while window.skip_space():
        if window.peek(1) == b"[":
            yield from _elements(window)
        else:
            yield window.take_value()


def _elements(window: _Window) -> Iterator[Item]:
    begin = window.place()
    window.take()
    _skip_space_in_list(window, begin)
    if window.peek(1) == b"]":
        window.take()
        return
    while True:
        yield window.take_value()
        _skip_space_in_list(window, begin)
        separator = window.peek(1)
        if separator not in {b",", b"]"}:
            raise Broken(f"at {window.place()} the list should go on with a comma or end with ], not {separator!r}")
        window.take()
        if separator == b"]":
            return
        _skip_space_in_list(window, begin)


def _skip_space_in_list(window: _Window, begin: str) -> None:
    if not window.skip_space():
        raise Broken(f"the file ends at {window.place()}, before the list that begins at {begin} does: it was cut off")
