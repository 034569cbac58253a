"""Entity tags of what has versions: the policy, the rules of retention."""

import re
from typing import Any, Final

from litestar import Request

from lrs.http.headers import listed
from lrs.problem import Problem

_ETAG: Final = re.compile(r'"?([0-9]{1,18})"?')


def version_seen(request: Request[Any, Any, Any]) -> int | None:
    """Give the version that an If-Match names; None without one. Raises a Problem 400."""
    header = listed(request, "if-match")
    if header is None:
        return None
    found = _ETAG.fullmatch(header.strip())
    if found is None:
        raise Problem(400, f"If-Match is {header[:100]!r}: send the ETag that GET answered with")
    return int(found[1])
