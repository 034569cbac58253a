"""The hash that ties a content to its attachment: ``sha2`` (1.0.3 Data 2.4.11)."""

import hashlib
from typing import Final

_FAMILY: Final = {56: hashlib.sha224, 64: hashlib.sha256, 96: hashlib.sha384, 128: hashlib.sha512}
"""Hashes of the SHA-2 family by the number of their hexadecimal digits."""


def sha2(content: bytes, digits: int) -> str | None:
    """Give the hash of a content that has so many hexadecimal digits; None if none of the family has."""
    algorithm = _FAMILY.get(digits)
    return None if algorithm is None else algorithm(content).hexdigest()
