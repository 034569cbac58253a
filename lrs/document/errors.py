"""Why a document is not changed; it stays as it is each time."""

from lrs.errors import Malformed, Refused, Taken


class NotMergeable(Malformed):
    """POST merges JSON objects, and one of the two is none."""


class TooLarge(Refused):
    """The document would be larger than this server keeps."""


class Changed(Refused):
    """An If-Match or If-None-Match header doesn't hold: the document is not the one the client knows."""


class Exists(Taken):
    """There is a document already, and the request doesn't say which one it means to replace."""


class Unconditional(Malformed):
    """1.0.3 wants profiles put with If-Match or If-None-Match, also the first time."""
