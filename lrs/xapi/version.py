"""Which xAPI version a request speaks (1.0.3 Communication 3.3, IEEE 9274.1.1 section 4.1.2)."""

import re
from typing import Final

from lrs.errors import shown
from lrs.problem import Problem
from lrs.statement import Version

HEADER: Final = b"x-experience-api-version"
SUPPORTED: Final = ("1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0")
"""What the About resource lists."""

_FAMILIES: Final[tuple[tuple[re.Pattern[bytes], Version], ...]] = (
    (re.compile(rb"1\.0(\..+)?"), "1.0.3"),  # whatever begins with 1.0. (1.0.3 Communication 3.3)
    (re.compile(rb"2\.0(\.\d+)?"), "2.0.0"),
)


def family(named: bytes | None) -> Version | None:
    """Give the rules a version header asks for: the latest patch of its minor version; None if we have none."""
    if named is None:
        return None
    if named == b"1.0.3":
        return "1.0.3"
    return next((version for pattern, version in _FAMILIES if pattern.fullmatch(named)), None)


def required(named: bytes | None) -> Version:
    """Give the version a request names, or refuse the request."""
    if named is None:
        raise Problem(400, "the header X-Experience-API-Version is missing: send 1.0.3 or 2.0.0")
    version = family(named.strip())
    if version is None:
        given = shown(named.decode("latin-1"))
        raise Problem(400, f"X-Experience-API-Version: {given} is not supported: send 1.0.0 to 1.0.3, or 2.0.0")
    return version
