"""Why a document is not changed; it stays as it is each time."""


class NotMergeable(ValueError):
    """POST merges JSON objects, and one of the two is none."""


class TooLarge(ValueError):
    """The document would be larger than this server keeps."""


class Changed(Exception):
    """An If-Match or If-None-Match header doesn't hold: the document is not the one the client knows."""


class Exists(Exception):
    """There is a document already, and the request doesn't say which one it means to replace."""


class Unconditional(ValueError):
    """1.0.3 wants profiles put with If-Match or If-None-Match, also the first time."""
