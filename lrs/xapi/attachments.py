"""Which part of a multipart request or answer is which attachment (1.0.3 Communication 1.5.2).

A part belongs to every attachment whose ``sha2`` is the part's hash, and nothing else ties them together.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from lrs.attachment import sha2
from lrs.errors import shown
from lrs.http.content_type import media_type
from lrs.problem import Problem
from lrs.statement import SIGNATURE, Invalid, attachment_path, attachments_of, formats
from lrs.xapi.multipart import HASH, Part
from schemas.xapi import Attachment, Statement


class _Object(msgspec.Struct):
    attachments: list[Attachment] = []


class _Recorded(msgspec.Struct):
    """What an answer needs of a stored statement; the rest isn't decoded."""

    attachments: list[Attachment] = []
    object: _Object = msgspec.field(default_factory=_Object)


_recorded = msgspec.json.Decoder(_Recorded).decode


def statements_part(parts: Sequence[Part]) -> bytes:
    """Give the first part, which holds the statements."""
    if not parts:
        raise Problem(400, "multipart/mixed: there is no part; the first holds the statements")
    named = parts[0].headers.get("content-type", "")
    if media_type(named) != "application/json":
        wanted = "the first part holds the statements as application/json"
        raise Problem(400, f"multipart/mixed: {wanted}, not {shown(named)}")
    return parts[0].content


def contents(parts: Sequence[Part]) -> dict[str, bytes]:
    """Give the content of the parts after the first by their hash, which is checked."""
    found: dict[str, bytes] = {}
    for number, (headers, content) in enumerate(parts[1:], 2):
        where = f"multipart/mixed: part {number}:"
        encoding = headers.get("content-transfer-encoding", "binary")
        if encoding.lower() != "binary":
            raise Problem(400, f"{where} Content-Transfer-Encoding is {shown(encoding)}; only binary is allowed")
        named = headers.get(HASH)
        if named is None:
            raise Problem(400, f"{where} the header X-Experience-API-Hash is missing")
        actual = sha2(content, len(named)) if formats.sha2(named) else None
        if actual is None:
            wanted = "the hexadecimal SHA-2 of the part"
            raise Problem(400, f"{where} X-Experience-API-Hash is not {wanted}: {shown(named)}")
        if actual != named.lower():
            raise Problem(400, f"{where} X-Experience-API-Hash is {named}, but the part's hash is {actual}")
        found[actual] = content
    return found


def match(
    statements: Sequence[Statement],
    received: Mapping[str, bytes],
    root: str,
    verify: Callable[[Statement, bytes, str], None],
) -> dict[str, bytes]:
    """Give the received contents that belong to attachments, by ``sha2`` in lower case.

    Refuses attachments that are neither received nor elsewhere (``fileUrl``), and contents that are no attachment's.
    ``root`` begins the path of a statement in errors, its number in brackets for a list; ``verify`` gets each signature
    with its statement and the path of the attachment.
    """
    matched: dict[str, bytes] = {}
    for number, statement in enumerate(statements):
        verified = set()
        for place, attachment in enumerate(attachments_of(statement)):
            hashed = attachment.sha2.lower()
            content = received.get(hashed)
            if content is not None:
                matched[hashed] = content
                if attachment.usage_type == SIGNATURE and hashed not in verified:
                    verify(statement, content, _path(root, number, statement, place))
                    verified.add(hashed)
            elif not attachment.file_url:
                reason = f"the content with sha2 {attachment.sha2} is neither a part of this request nor at a fileUrl"
                raise Invalid(_path(root, number, statement, place), reason)
    if excess := sorted(received.keys() - matched.keys()):
        more = f" (and {len(excess) - 1} more)" if len(excess) > 1 else ""
        raise Problem(400, f"multipart/mixed: no attachment has the sha2 {excess[0]}{more}")
    return matched


def _path(root: str, number: int, statement: Statement, place: int) -> str:
    return f"{f'statements[{number}]' if root == 'statements' else root}.{attachment_path(statement, place)}"


def parts_of(texts: Iterable[bytes], held: Mapping[str, bytes]) -> list[Part]:
    """Give one part for each content that is held of the attachments of these statements, in their order."""
    parts: dict[str, Part] = {}
    for text in texts:
        recorded = _recorded(text)
        for attachment in (*recorded.attachments, *recorded.object.attachments):
            hashed = attachment.sha2.lower()
            if hashed in held and hashed not in parts:
                headers = {
                    "Content-Type": attachment.content_type,
                    "Content-Transfer-Encoding": "binary",
                    "X-Experience-API-Hash": attachment.sha2,
                }
                parts[hashed] = Part(headers, held[hashed])
    return list(parts.values())
