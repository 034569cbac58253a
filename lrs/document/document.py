"""Documents and lists of their ids, as they are given out."""

from datetime import datetime
from hashlib import sha1
from typing import NamedTuple

from msgspec import json


class Content(NamedTuple):
    """What a document says, and in which format."""

    data: bytes
    content_type: str

    @property
    def etag(self) -> str:
        """Its entity tag: 1.0.3 wants the SHA-1 of the content in lower-case hexadecimal digits, in quotes."""
        return entity_tag(self.data)


class Document(NamedTuple):
    """A document as it is now."""

    content: Content
    updated: datetime


class Listing(NamedTuple):
    """The ids of the documents in a place, sorted, and when the latest of them was changed."""

    ids: list[str]
    updated: datetime | None

    @property
    def body(self) -> bytes:
        """The ids as JSON."""
        return json.encode(self.ids)

    @property
    def etag(self) -> str:
        """Entity tag of that JSON."""
        return entity_tag(self.body)


def entity_tag(data: bytes) -> str:
    """Give the entity tag of these bytes: 1.0.3 wants the SHA-1 in quotes (Communication 3.1)."""
    return f'"{sha1(data, usedforsecurity=False).hexdigest()}"'
