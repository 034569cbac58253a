"""multipart/mixed both ways (RFC 2046 section 5.1), byte for byte.

Reading is done by the parser of the `multipart` package, which keeps parts as they are; Python's own `email` package
splits them into lines on the way.
"""

import math
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
)

from lrs.errors import shown
from lrs.problem import Problem

HASH: Final = "x-experience-api-hash"
"""The header of a part with an attachment's content: its SHA-2 (1.0.3 Communication 1.5.2)."""
_ONCE: Final = ("content-transfer-encoding", "content-type", HASH)
"""Headers that decide what a part is: given twice, others might go by the other one."""
_MOST_HEADERS: Final = 16
_UNSAFE: Final = re.compile(r"[^\x20-\x7e]")


class Part(NamedTuple):
    """One part: its headers, their names in lower case, and its content."""

    headers: Mapping[str, str]
    content: bytes


def parse(body: bytes, boundary: str, *, most_parts: int, largest_part: float = math.inf) -> list[Part]:
    """Take a body apart. Raises Problem: 413 beyond ``most_parts`` or ``largest_part`` (bytes), 400 if it is none."""
    parts: list[Part] = []
    chunks: list[bytes] = []
    headers: Mapping[str, str] = {}
    delimiter = delimiter_of(boundary)
    try:
        with _Parser(
            delimiter[2:],
            max_header_count=_MOST_HEADERS,
            max_segment_count=most_parts,
            max_segment_size=largest_part,
        ) as parser:
            for event in parser.parse(_unpadded(body, delimiter, most_parts + 1)):
                if event is None:
                    parts.append(Part(headers, b"".join(chunks)))
                elif isinstance(event, MultipartSegment):
                    headers = _headers(event.headerlist)
                    chunks = []
                else:
                    chunks.append(bytes(event))
    except ParserLimitReached as error:
        allowed = f"{most_parts} parts of {largest_part} bytes with {_MOST_HEADERS} headers each"
        raise Problem(413, f"multipart/mixed: {error}; this server takes at most {allowed}") from None
    except MultipartError as error:
        if isinstance(cause := error.args[-1], UnicodeDecodeError):
            header = shown(cause.object.decode("latin-1"))
            raise Problem(400, f"multipart/mixed: the header {header} of a part is not UTF-8") from None
        raise Problem(400, f"multipart/mixed: {error} (lines end in CRLF, the last boundary in --)") from None
    return parts


def _unpadded(body: bytes, delimiter: bytes, most: int) -> bytes:
    """Take away the spaces and tabs that somebody on the way put behind delimiters: the parser knows none.

    Behind so many only: there may be millions, and no more parts are taken.
    """
    line = re.escape(delimiter)
    padded = rb"(%b(?:(?<=\A%b)|(?<=\r\n%b)))[ \t]+(?=\r\n)" % (line, line, line)
    return re.sub(padded, rb"\1", body, count=most)


def _headers(lines: Iterable[tuple[str, str]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in lines:
        named = name.lower()
        if named in _ONCE and named in headers:
            raise Problem(400, f"multipart/mixed: a part has the header {named} more than once: send it once")
        headers[named] = value.strip()
    return headers


def delimiter_of(boundary: str) -> bytes:
    """Give the line that begins a part."""
    return b"--" + boundary.encode("latin-1", "replace")


def write(parts: Iterable[Part]) -> tuple[str, bytes]:
    """Give the Content-Type, its boundary unquoted, and the body that holds these parts."""
    boundary = secrets.token_hex(16)
    delimiter = b"--" + boundary.encode()
    lines: list[bytes] = []
    for headers, content in parts:
        lines.append(delimiter)
        lines.extend(f"{name}: {_UNSAFE.sub('?', value)}".encode() for name, value in headers.items())
        lines += (b"", content)
    # No line end behind it: it would be allowed, but TinCanPHP takes what is there for another part.
    lines.append(delimiter + b"--")
    return f"multipart/mixed; boundary={boundary}", b"\r\n".join(lines)


class _Parser(PushMultipartParser):  # type: ignore[misc]
    """The package's parser for form data, told that parts of multipart/mixed have no Content-Disposition."""

    def _create_segment(self, headerlist: list[tuple[str, str]]) -> MultipartSegment:
        return MultipartSegment(headerlist)
