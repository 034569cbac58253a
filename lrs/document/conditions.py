"""If-Match and If-None-Match: changing only the document one knows (xAPI 1.0.3 Communication 3.1; RFC 9110 13.1)."""

import re
from typing import Final, NamedTuple

# Tags without quotes are understood as well: there are clients that compute the SHA-1 themselves and forget them.
_TAGS: Final = re.compile(r'(?:(W/)?"([^"]*)"|([^\s,"]+))')


class Conditions(NamedTuple):
    """The two headers of a request as they came; None where one is missing."""

    if_match: str | None = None
    if_none_match: str | None = None

    def stated(self) -> bool:
        """Tell if there is any condition."""
        return self.if_match is not None or self.if_none_match is not None

    def hold(self, etag: str | None) -> bool:
        """Tell if a document with this entity tag may be changed; None: there is no document."""
        return self.matches(etag) and self.is_new(etag)

    def is_new(self, etag: str | None) -> bool:
        """Tell if If-None-Match lets this document pass, whose tag is compared weakly."""
        if self.if_none_match is None or etag is None:
            return True
        if self.if_none_match.strip() == "*":
            return False
        return all(tag != etag for _, tag in _tags(self.if_none_match))

    def matches(self, etag: str | None) -> bool:
        """Tell if If-Match lets this document pass, whose tag is compared strongly."""
        if self.if_match is None:
            return True
        if etag is None:
            return False
        if self.if_match.strip() == "*":
            return True
        # Compared strongly: a weak tag says the bytes may differ.
        return any(tag == etag and not weak for weak, tag in _tags(self.if_match))


def _tags(header: str) -> list[tuple[bool, str]]:
    return [(bool(weak), f'"{bare or quoted}"') for weak, quoted, bare in _TAGS.findall(header)]
