"""Parts that a client ran together: it left out the line end before the delimiter between them.

@xapi/xapi and tincanjs do so between two attachments. To the letter (RFC 2046 section 5.1.1) the second is then part of
the first's content; but each attachment's part says its own hash, so it is certain where it ends.
"""

from collections.abc import Iterable, Iterator, Mapping

from lrs.attachment import sha2
from lrs.problem import Problem
from lrs.xapi.multipart import HASH, Part, delimiter_of, parse


def apart(parts: Iterable[Part], boundary: str, *, most_parts: int) -> list[Part]:
    """Give these parts, those that were run together one by one. Raises Problem, as ``multipart.parse`` does."""
    found: list[Part] = []
    for number, part in enumerate(_apart(parts, boundary), 1):
        if number > most_parts:
            raise Problem(413, f"multipart/mixed: this server takes at most {most_parts} parts")
        found.append(part)
    return found


def _apart(parts: Iterable[Part], boundary: str) -> Iterator[Part]:
    delimiter = delimiter_of(boundary)
    for part in parts:
        headers, content = part
        start = 0
        # By place in the content, not by cutting it again and again: there may be thousands.
        while (end := _end(headers, content, start, delimiter)) is not None:
            yield Part(headers, content[start:end])
            start = content.find(b"\r\n\r\n", end) + 4
            head = content[end:start] if start >= 4 else content[end:]
            following = parse(head + b"\r\n" + delimiter + b"--", boundary, most_parts=1)
            if not following:  # the delimiter was the last one
                break
            headers = following[0].headers
        else:
            yield Part(headers, content[start:])


def _end(headers: Mapping[str, str], content: bytes, start: int, delimiter: bytes) -> int | None:
    """Tell where a part's content ends that begins at ``start``, if another part follows in it."""
    named = headers.get(HASH)
    if named is None or (end := content.find(delimiter, start)) < 0:
        return None
    return end if sha2(content[start:end], len(named)) == named.lower() else None
