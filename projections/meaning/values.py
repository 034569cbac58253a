"""Reads what a statement says in writing: moments, durations, scores, our extensions.

All have been checked when the statement came in; what still can't be used (a duration of a thousand years) is None or
the nearest that can be.
"""

import re
from datetime import UTC, datetime
from math import isfinite

from msgspec import DecodeError, Raw, json

from projections.meaning.statement import Score

_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(2999, 12, 31, tzinfo=UTC)
_LEAP = re.compile(r"(T\d\d:?\d\d:?)60", re.ASCII)


def moment(text: str, stored: datetime) -> datetime:
    """Read an ISO 8601 timestamp as a moment in UTC (1.0.3 Data 4.5; RFC 3339 in 2.0); without zone it is UTC.

    ``stored`` stands for no timestamp at all, and the second before for a leap second, as Python counts to 59. Moments
    before 1900 or after 2999 come from clocks that were never set: they become these, so that folds can reckon with
    days before and after.
    """
    if not text:
        return stored
    text = text.upper()
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = datetime.fromisoformat(_LEAP.sub(r"\g<1>59", text))
    if read.tzinfo is None:
        read = read.replace(tzinfo=UTC)
    return min(max(read, _EARLIEST), _LATEST).astimezone(UTC)


_NUMBER = r"(\d+(?:[.,]\d+)?)"
_DURATION = re.compile(
    rf"P(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.ASCII,
)
_SECONDS = (365 * 86_400, 30 * 86_400, 7 * 86_400, 86_400, 3_600, 60, 1)
"""In a year, month, week, day, hour, minute and second; a year and a month as aniso8601 and most LMSs count them."""
_LONGEST = 100 * _SECONDS[0]


def seconds(text: str) -> float | None:
    """Read an ISO 8601 duration (1.0.3 Data 4.6) as seconds; None if there is none or it exceeds a century."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    total = 0.0
    for number, each in zip(found.groups(), _SECONDS, strict=True):
        if number is not None:
            total += float(number.replace(",", ".")) * each
    return total if total <= _LONGEST else None


def scaled(score: Score | None) -> float | None:
    """Give a score as a share of the best: as it says itself, else from ``raw`` between ``min`` and ``max``."""
    if score is None:
        return None
    if score.scaled:
        return float(bytes(score.scaled))
    if not (score.raw and score.min and score.max):
        return None
    low, high = float(bytes(score.min)), float(bytes(score.max))
    share = (float(bytes(score.raw)) - low) / (high - low) if high > low else float("nan")
    return min(max(share, 0.0), 1.0) if isfinite(share) else None


def word(raw: Raw) -> str:
    """Give an extension's value if it is a string; empty if there is none or it is something else."""
    try:
        return _decode_word(raw) if raw else ""
    except DecodeError:
        return ""


_decode_word = json.Decoder(str).decode
