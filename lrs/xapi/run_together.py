"""Parts that a client ran together: it left out the line end before the delimiter between them.

@xapi/xapi and tincanjs do so between two attachments. To the letter (RFC 2046 section 5.1.1) the second is then part of
the first's content; but each attachment's part says its own hash, so it is certain where it ends.
"""

from collections.abc import Iterable, Iterator
from functools import partial

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
    rest = partial(parse, boundary=boundary, most_parts=1)
    for part in parts:
        together = [part]
        while together:
            one = together.pop()
            if (end := _end(one, delimiter)) is None:
                yield one
            else:
                yield Part(one.headers, one.content[:end])
                together = rest(one.content[end:] + b"\r\n" + delimiter + b"--")


def _end(part: Part, delimiter: bytes) -> int | None:
    """Tell where a part's content ends, if another part follows in it."""
    named = part.headers.get(HASH)
    if named is None or (end := part.content.find(delimiter)) < 0:
        return None
    return end if sha2(part.content[:end], len(named)) == named.lower() else None
