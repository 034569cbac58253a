"""Dates as exports write them, and as xAPI wants them."""

import re
from datetime import UTC, datetime

from lrs.statement.formats import timestamp

_WRITTEN = re.compile(
    r"(?P<year>\d{4})-?(?P<month>\d\d)-?(?P<day>\d\d)(?:[Tt]| +)"
    r"(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)? *"
    r"(?P<zone>Z|z|UTC|GMT|(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?)?",
    re.ASCII,
)
_EPOCH = re.compile(r"(?P<seconds>\d{10})(?P<thousandths>\d{3})?(?:\.(?P<fraction>\d+))?", re.ASCII)
"""Ten digits are seconds since 1970, thirteen milliseconds: either way it is between 2001 and 2286."""


def as_rfc3339(value: str) -> str | None:
    """Write a moment as RFC 3339 with all its digits kept; None if it isn't one of the dialects known here.

    Known are the forms of ISO 8601 with date and time, also with a space for the T, with the zone as UTC, GMT, +0100
    or +01, and Unix time in seconds or milliseconds. Without a zone it is UTC, as everywhere in this server. A date
    alone is no moment, and 03/04/2021 is two dates: neither is guessed.
    """
    written = _from_written(value) or _from_epoch(value)
    if written is None:
        return None
    try:
        timestamp(written, "2.0.0")
    except ValueError:
        return None
    return written


def _from_written(value: str) -> str | None:
    found = _WRITTEN.fullmatch(value.strip())
    if found is None:
        return None
    day = f"{found['year']}-{found['month']}-{found['day']}"
    fraction = f".{found['fraction']}" if found["fraction"] else ""
    zone = f"{found['sign']}{found['hours']}:{found['minutes'] or '00'}" if found["sign"] else "Z"
    # RFC 3339 knows -00:00 as UTC, ISO 8601 and xAPI don't.
    zone = "Z" if zone == "-00:00" else zone
    return f"{day}T{found['hour']}:{found['minute']}:{found['second'] or '00'}{fraction}{zone}"


def _from_epoch(value: str) -> str | None:
    found = _EPOCH.fullmatch(value)
    if found is None:
        return None
    fraction = (found["thousandths"] or "") + (found["fraction"] or "")
    moment = datetime.fromtimestamp(int(found["seconds"]), UTC).isoformat(timespec="seconds").removesuffix("+00:00")
    return f"{moment}.{fraction}Z" if fraction else f"{moment}Z"
