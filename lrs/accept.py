"""Reads Accept headers (RFC 9110 section 12.5.1)."""

from math import nan
from typing import Final

_LONGEST: Final = 1_000
"""Characters that are read; what is longer is no browser's, nor any program's that wants an answer."""


def accepted(header: str) -> list[str]:
    """Give the media types that a header names, in lower case, those it likes best first, however odd the header is.

    Not with the framework's reader, which ends with an OverflowError at ``q=1e999``, and takes its time over long ones.
    """
    found: list[tuple[float, str]] = []
    for one in header[:_LONGEST].split(","):
        kind, *parameters = one.split(";")
        weight = next((_number(part) for part in parameters if part.strip()[:2].lower() == "q="), 1.0)
        if weight > 0:
            found.append((min(weight, 1.0), kind.strip().lower()))
    return [kind for _, kind in sorted(found, key=lambda each: -each[0])]


def _number(weight: str) -> float:
    try:
        return float(weight.partition("=")[2])
    except ValueError:
        return nan
