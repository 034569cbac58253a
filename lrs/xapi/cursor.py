"""The token in a ``more`` link: the query it continues and where. Nothing is kept on the server, so it never expires.

It grants nothing: whoever follows the link is authenticated and authorised like any other request.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import msgspec

from lrs.problem import Problem


class Cursor(msgspec.Struct, array_like=True, frozen=True):
    """Continue this query string after this position."""

    query: str
    after: int

    def token(self) -> str:
        """Give it as text that fits in a URL."""
        return urlsafe_b64encode(msgspec.msgpack.encode(self)).decode().rstrip("=")


def parse(token: str) -> Cursor:
    """Read a token, or refuse the request."""
    try:
        packed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return msgspec.msgpack.decode(packed, type=Cursor)
    except ValueError:
        detail = "the query parameter cursor is damaged: follow the more link exactly as it was given"
        raise Problem(400, detail) from None
