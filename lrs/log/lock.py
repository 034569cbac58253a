"""The lock of a store."""

from hashlib import blake2b


def lock_of(schema: str) -> int:
    """Give the advisory lock under which a store's positions are given out."""
    return int.from_bytes(blake2b(f"vliegwiel/{schema}".encode(), digest_size=8).digest(), signed=True)
