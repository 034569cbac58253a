"""Cross-origin requests: content in a browser, served from elsewhere, talks to this LRS.

Credentials travel in the Authorization header that the content sets itself; cookies count for nothing here. So any
origin may be allowed. Some content asks its browser to send credentials all the same (``withCredentials``): that takes
an origin that is named, because with any origin a browser would also send a password that it was once told.
"""

from collections.abc import Collection
from typing import Final

from lrs.http.headers import Headers

METHODS: Final = b"GET, HEAD, PUT, POST, DELETE, OPTIONS"
ACCEPTED: Final = (
    b"Accept, Accept-Language, Authorization, Content-Encoding, Content-Language, Content-Type, If-Match, "
    b"If-None-Match, X-Experience-API-Hash, X-Experience-API-Version, X-Requested-With"
)
EXPOSED: Final = (
    b"Allow, Content-Disposition, Content-Length, ETag, Last-Modified, Location, Retry-After, WWW-Authenticate, "
    b"X-Experience-API-Consistent-Through, X-Experience-API-Hash, X-Experience-API-Version, X-Vliegwiel-Position"
)
_DAY: Final = b"86400"


class Origins:
    """The origins whose pages may use the LRS; ``*`` stands for all."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._any = "*" in allowed
        self._allowed = frozenset(origin.rstrip("/").lower().encode() for origin in allowed)

    def headers(self, origin: bytes | None) -> Headers:
        """Give the headers that let a page of this origin read the answer."""
        if self._any and origin is None:
            return []
        if self._any:
            return [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", EXPOSED)]
        if origin is None or origin.lower() not in self._allowed:
            return [(b"vary", b"Origin")]
        named = [
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", EXPOSED),
            (b"vary", b"Origin"),
        ]
        # Every page in a sandbox has the origin null.
        return named if origin.lower() == b"null" else [*named, (b"access-control-allow-credentials", b"true")]

    def preflight(self, origin: bytes | None, asked_headers: bytes | None) -> Headers:
        """Give the headers that answer an OPTIONS request; headers we don't know are harmless, so they are allowed."""
        return [
            *self.headers(origin),
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", asked_headers or ACCEPTED),
            (b"access-control-max-age", _DAY),
        ]
