"""What a string may say: one predicate for each format, by a parser that others rely on too.

Most are remembered, because the same verbs, activities and people come back in statement after statement. Ids and
timestamps differ every time and are not.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from aniso8601 import parse_duration  # type: ignore[import-untyped]
from aniso8601.builders import TupleBuilder  # type: ignore[import-untyped]
from aniso8601.exceptions import ISOFormatError  # type: ignore[import-untyped]
from jsonschema_rs import validator_for

from lrs.known import remembered
from lrs.statement.rules import Version

_LONGEST = 200
"""Characters of a duration or a language tag: their parsers, and whoever compares durations, take their time over more.

RFC 5646, 4.4.1 lets one set a limit for tags, of 35 or more.
"""

_is_iri = validator_for({"type": "string", "format": "iri"}, validate_formats=True).is_valid
_is_uri = validator_for({"type": "string", "format": "uri"}, validate_formats=True).is_valid
_is_email = validator_for({"type": "string", "format": "idn-email"}, validate_formats=True).is_valid


IRI: Final = "an IRI with a scheme such as https:, without spaces, quotes or any of < > { } | \\ ^"
"""What an IRI is, in words."""


@remembered
def iri(value: str) -> bool:
    """Tell if this is an IRI with a scheme (RFC 3987; 1.0.3 Data 2.2 and 4.3)."""
    return _is_iri(value)


def uri(value: str) -> bool:
    """Tell if this is a URI with a scheme (RFC 3986), as an openid must be."""
    return _is_uri(value)


_NOT_IN_IRI = re.compile(r'[\x00-\x20\x7f<>"]')


@remembered
def mailto(value: str) -> bool:
    """Tell if this is ``mailto:`` and one e-mail address, internationalised ones too (1.0.3 Data 2.4.2.3).

    No display name goes with it (``Ann <ann@example.org>``), which would make somebody else of the same person.
    """
    return value.startswith("mailto:") and _NOT_IN_IRI.search(value) is None and _is_email(value[7:])


_SHA1 = re.compile(r"[0-9A-Fa-f]{40}")
_SHA2 = re.compile(r"[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128}")


def sha1(value: str) -> bool:
    """Tell if these are the 40 hexadecimal digits of a SHA-1 hash."""
    return _SHA1.fullmatch(value) is not None


def sha2(value: str) -> bool:
    """Tell if these are the hexadecimal digits of a SHA-224, SHA-256, SHA-384 or SHA-512 hash."""
    return _SHA2.fullmatch(value) is not None


@remembered
def language(value: str) -> bool:
    """Tell if this is a well-formed language tag (RFC 5646)."""
    # Only now: its tables take a tenth of the time in which any of our programs starts, and few look at a language.
    from langcodes.tag_parser import LanguageTagError, parse_tag

    # The parser also takes `en_US` and `123`, which RFC 5646 doesn't know.
    if len(value) > _LONGEST or "_" in value or not value.partition("-")[0].isalpha():
        return False
    try:
        parse_tag(value)  # type: ignore[no-untyped-call]
    except LanguageTagError:
        return False
    return True


@remembered
def duration(value: str) -> bool:
    """Tell if this is an ISO 8601:2004 duration with designators, section 4.4.3.2 (1.0.3 Data 4.6)."""
    # The last designator excludes the alternative format (P0003-06-04T12:30:05), which xAPI doesn't allow.
    if not value.isascii() or value[-1:] not in set("YMWDHS") or len(value) > _LONGEST:
        return False
    try:
        parse_duration(value, builder=TupleBuilder)
    except ISOFormatError:
        return False
    return True


_UUID = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}")


def uuid(value: str) -> bool:
    """Tell if this is a UUID in standard string form (1.0.3 Data 4.4).

    Variant 2 of RFC 4122 is recommended there, not required, and the specification's own example isn't of it.
    """
    return _UUID.fullmatch(value) is not None


_MEDIA_TYPE = re.compile(r"[!#$&^_.+A-Za-z0-9-]+/[!#$&^_.+A-Za-z0-9-]+(?:[ \t]*;[^\x00-\x08\x0a-\x1f\x7f]*)?")


def media_type(value: str) -> bool:
    """Tell if this is an Internet media type, with or without parameters (RFC 2046, RFC 6838)."""
    return _MEDIA_TYPE.fullmatch(value) is not None


TIMESTAMP: Final[Mapping[Version, str]] = {
    "1.0.3": "an ISO 8601 date and time such as 2026-03-01T09:30:00Z",
    "2.0.0": "an RFC 3339 date, time and offset such as 2026-03-01T09:30:00Z",
}
"""What a timestamp is, in words."""
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt](?:[01]\d|2[0-3]):\d\d(?P<second>:\d\d(?:\.\d+)?)(?P<zone>[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_ISO_8601 = re.compile(
    r"(?:\d{4}-\d\d-\d\d|\d{4}-W\d\d-\d|\d{8}|\d{4}W\d{3})"
    r"[Tt](?:[01]\d|2[0-3]):?\d\d(?P<second>:?\d\d(?:[.,]\d+)?)?"
    r"(?P<zone>[Zz]|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?",
    re.ASCII,
)
_ONE_FORM = re.compile(
    r"\d{4}(?:-.{2,3}-.{1,2}T\d\d:\d\d(?::\d\d)?|[^-]+T(?:\d\d){2,3})(?![:\d]).*", re.ASCII | re.IGNORECASE
)


def _instant(match: "re.Match[str] | None") -> datetime:
    if match is None:
        raise ValueError
    value = match.string.upper()
    second, zone = match["second"], match["zone"]
    if zone and zone[0] == "-" and not zone.strip("-0:"):
        raise ValueError("ISO 8601 writes an offset of zero as Z or +00:00")
    if second and second.startswith((":60", "60")):
        # A leap second is a moment like any other (``is_leap_second``); Python counts to 59.
        place = match.start("second")
        value = value[:place] + value[place:].replace("60", "59", 1)
    moment = datetime.fromisoformat(value)
    return moment if zone else moment.replace(tzinfo=UTC)


_LEAP_SECOND = re.compile(r"T\d\d:?\d\d:?60", re.ASCII | re.IGNORECASE)


def is_leap_second(value: str) -> bool:
    """Tell if this timestamp lies in a leap second, for which ``timestamp`` gives the second before."""
    return _LEAP_SECOND.search(value) is not None


def may_be_leap(moment: datetime) -> bool:
    """Tell if a leap second may come after this second: where a month ends in UTC (ITU-R TF.460-6; RFC 3339, 5.7)."""
    try:
        after = moment.astimezone(UTC) + timedelta(seconds=1)
    except OverflowError:
        return False
    return (after.day, after.hour, after.minute) == (1, 0, 0)


def mixes_forms(value: str) -> bool:
    """Tell if a timestamp is partly in ISO 8601's extended form and partly in its basic one (ISO 8601-1, 5.4.2.1).

    Its offset may be in either: they are sent so.
    """
    return _ONE_FORM.fullmatch(value) is None


def timestamp(value: str, version: Version = "1.0.3") -> datetime:
    """Read a timestamp; without a time zone it is UTC. ValueError says what is wrong, if not the form.

    1.0.3 Data 4.5 asks for ISO 8601, date and time; 2.0 (IEEE 9274.1.1, 4.2.7) for its profile RFC 3339.
    """
    return _instant((_ISO_8601 if version == "1.0.3" else _RFC_3339).fullmatch(value))
