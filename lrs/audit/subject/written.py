"""Writes what is held about a person: one JSON document, or one page that stands by itself."""

from collections.abc import Iterator

import msgspec
from msgspec import Raw

from lrs.audit import html
from lrs.audit.subject.held import Held
from lrs.audit.subject.words import words


def as_json(held: Held) -> bytes:
    """Write it as JSON."""
    return msgspec.json.encode(held)


def page(held: Held) -> Iterator[bytes]:
    """Write it as a page, in the person's language if that is Dutch, in English otherwise."""
    language, said = words(str((held.organisation or {}).get("locale", "")))
    data = {
        "language": language,
        "words": said,
        "title": said["title"].format(name=held.name or str(held.person)),
        "held": held,
        "text": _text,
        "plain": msgspec.to_builtins,
        "rules": msgspec.json.format(msgspec.json.encode(held.policy), indent=2).decode(),
    }
    return (part.encode() for part in html.written("subject.html", data))


def _text(content: Raw | str) -> str:
    return content if isinstance(content, str) else msgspec.json.format(bytes(content), indent=2).decode()
