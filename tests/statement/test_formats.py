"""Each format against what its specification allows and forbids."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from lrs.statement import Version, formats


@pytest.mark.parametrize(
    "value",
    [
        "http://example.com/a",
        "uuid://x",
        "course-v1:FUN-MOOC+00002+session01",
        "urn:uuid:0a6f8e1c-2f0b-4a4e-9a83-6d0f3a3b1c2d",
        "tag:adlnet.gov,2013:expapi:0.9:activities:x",
        "http://example.com/فعل/خواندن",
        "http://exämple.org/ä",
        "http://[::1]/",
        "http://example.com/%20#part",
        "HTTP://EXAMPLE.COM",
        "http://example.com/" + "a" * 3000,
    ],
)
def test_iri(value: str) -> None:
    assert formats.iri(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "example.com",
        "/relative",
        "//example.com/a",
        "should fail",
        "http://a b",
        "ab=c://should.fail.com",
        "1http://x",
        "http://a/#x#y",
        "http://a/<b>",
        "http://a/%zz",
        "http://a/\n",
        "http://a/\x00",
        "x" * 3000,
    ],
)
def test_no_iri(value: str) -> None:
    assert not formats.iri(value)


def test_uri_is_ascii() -> None:
    assert formats.uri("https://dee.example.com/")
    assert not formats.uri("https://dée.example.com/")
    assert not formats.uri("dee.example.com")


@pytest.mark.parametrize("value", ["mailto:a@b.c", "mailto:a+b@c.d", "mailto:o'x@c.d", "mailto:ä@ö.de", "mailto:a@b"])
def test_mailto(value: str) -> None:
    assert formats.mailto(value)


@pytest.mark.parametrize(
    "value",
    [
        "a@b.c",
        "mailto:",
        "mailto:a",
        "mailto:a@",
        "mailto:@b",
        "mailto:a b@c.d",
        "mailto:A <a@b.c>",
        "mailto:<a@b.c>",
        "mailto: <a@b.c>",
        'mailto:"a b"@c.d',
        "mailto:a@b.c\n",
        "mailto:a@b.c?subject=x",
        "Mailto:a@b.c",
    ],
)
def test_no_mailto(value: str) -> None:
    assert not formats.mailto(value)


def test_hashes() -> None:
    assert formats.sha1("a" * 40)
    assert formats.sha1("A" * 40)
    assert not formats.sha1("a" * 39)
    assert not formats.sha1("g" * 40)
    for digits in (56, 64, 96, 128):
        assert formats.sha2("0" * digits)
        assert not formats.sha2("0" * (digits + 1))
    assert not formats.sha2("z" * 64)


@pytest.mark.parametrize(
    "value",
    [
        "en",
        "en-US",
        "EN-us",
        "zh-cmn-Hans-CN",
        "es-419",
        "de-CH-1996",
        "x-private",
        "i-klingon",
        "en-GB-oed",
        "zh-min-nan",
        "art-lojban",
        "und",
        "de-CH-x-phonebk",
        "en-u-co-phonebk",
        "qaa-Qaaa-QM-x-southern",
    ],
)
def test_language(value: str) -> None:
    assert formats.language(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "e",
        "something",
        "a12345678",
        "en_US",
        "en-",
        "-en",
        "en--us",
        "en US",
        "123",
        "*",
        "ä",
        "x",
        "en-x",
        "i-foo",
    ],
)
def test_no_language(value: str) -> None:
    assert not formats.language(value)


def test_a_language_tag_has_at_most_200_characters() -> None:
    assert formats.language("x" + "-a" * 99)
    assert not formats.language("x" + "-a" * 100)


@pytest.mark.parametrize(
    "value",
    [
        "P4W",
        "P3Y",
        "P1.5W",
        "P1,5D",
        "PT1H0M0.1S",
        "PT4H35M59.14S",
        "PT16559.14S",
        "P3Y1M29DT4H35M59.14S",
        "PT0S",
        "PT1.5H",
    ],
)
def test_duration(value: str) -> None:
    assert formats.duration(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "P",
        "PT",
        "P1DT",
        "P4W1D",
        "P1H",
        "PT1D",
        "PT1M1H",
        "PT0.5H30M",
        "-P1D",
        "P-1D",
        "pt1s",
        "PT1S ",
        "PA1H0M0S",
        "P0003-06-04T12:30:05",
        "P00030604T123005",
        "P1",
        "PT.5S",
        "PT5.S",
        "PT٣S",
        "should fail",
        "1H",
    ],
)
def test_no_duration(value: str) -> None:
    assert not formats.duration(value)


def test_uuid() -> None:
    assert formats.uuid("0a6f8e1c-2f0b-4a4e-9a83-6d0f3a3b1c2d")
    assert formats.uuid("AA97B177-9383-4934-8543-0F91A7A02836")
    # The specification's own example (1.0.3 Data 2.4) is not of the recommended variant.
    assert formats.uuid("12345678-1234-5678-1234-567812345678")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "AA97B177-9383-4934-8543-0F91A7A028368",
        "MA97B177-9383-4934-8543-0F91A7A02836",
        "aa97b1779383493485430f91a7a02836",
        "{aa97b177-9383-4934-8543-0f91a7a02836}",
        "urn:uuid:aa97b177-9383-4934-8543-0f91a7a02836",
        "aa97b177-9383-4934-8543-0f91a7a02836\n",
    ],
)
def test_no_uuid(value: str) -> None:
    assert not formats.uuid(value)


def test_media_type() -> None:
    for value in ("text/plain", "application/vnd.api+json", "text/plain; charset=ascii", "image/svg+xml;a=b"):
        assert formats.media_type(value)
    for value in ("", "text", "text/", "/plain", "text plain/x", "text/plain\r\nX: y"):
        assert not formats.media_type(value)


_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-03-01T12:00:00Z", _NOON),
        ("2026-03-01t12:00:00z", _NOON),
        ("2026-03-01T12:00:00+00:00", _NOON),
        ("2026-03-01T07:00:00-05:00", _NOON),
        ("2026-03-01T12:00:00.5Z", _NOON + timedelta(milliseconds=500)),
        ("2026-03-01T12:00:00.123456789012Z", _NOON + timedelta(microseconds=123456)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2016-12-31T23:59:60.60Z", datetime(2016, 12, 31, 23, 59, 59, 600000, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
def test_timestamp(value: str, moment: datetime, version: Version) -> None:
    assert formats.timestamp(value, version) == moment


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-03-01T12:00:00", _NOON),
        ("2026-03-01T12:00", _NOON),
        ("2026-03-01T13:00:00+0100", _NOON),
        ("2026-03-01T13:00:00+01", _NOON),
        ("20260301T120000Z", _NOON),
        ("20260301T120000,5Z", _NOON + timedelta(milliseconds=500)),
        ("2026-W09-7T12:00:00Z", _NOON),
        ("2026W097T120000Z", _NOON),
        ("2026-03-01T12:00:00+0000", _NOON),
    ],
)
def test_timestamp_of_iso_8601_but_not_rfc_3339(value: str, moment: datetime) -> None:
    assert formats.timestamp(value, "1.0.3") == moment
    with pytest.raises(ValueError, match=r"^$"):
        formats.timestamp(value, "2.0.0")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "should fail",
        "01/011/2015",
        "2026-03-01",
        "2026-03-01 12:00:00Z",
        "2026-03-01T",
        "2026-02-30T12:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T12:60:00Z",
        "2026-03-01T12:00:61Z",
        "2008-09-15T15:53:00.601-00",
        "2008-09-15T15:53:00.601-0000",
        "2008-09-15T15:53:00.601-00:00",
        "2026-03-01T12:00:00+25:00",
        "2026-03-01T12:00:00+05:60",
        "0000-01-01T00:00:00Z",
        "2026-0301T12:00:00Z",
        "2026-03-01T12:0000Z",
        "2026-03-01T1200:00Z",
        "2026W09-7T12:00:00Z",
        "2026-03-01T12:00:00ZZ",
        "2026-03-01T12:00:00Z\n",
        "٢026-03-01T12:00:00Z",
        "12345",
    ],
)
@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
def test_no_timestamp(value: str, version: Version) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of a wrong form it says no more
        formats.timestamp(value, version)


def test_timestamp_keeps_its_offset() -> None:
    assert formats.timestamp("2026-03-01T12:00:00+05:30").tzinfo == timezone(timedelta(hours=5, minutes=30))


@pytest.mark.parametrize(
    ("value", "mixed"),
    [
        ("2026-03-01T12:00:00Z", False),
        ("2026-03-01t12:00:00.123+0100", False),
        ("2026-03-01T12:00", False),
        ("2026-03-01T12:00+01", False),
        ("2026-W09-7T12:00:00,5-01:00", False),
        ("20260301T120000Z", False),
        ("20260301T1200+01:00", False),
        ("2026W097T120000.5Z", False),
        ("2026-03-01T120000Z", True),
        ("2026-03-01T1200", True),
        ("20260301T12:00:00Z", True),
        ("20260301T12:00Z", True),
        ("2026-W09-7T120000Z", True),
        ("2026W097T12:00Z", True),
    ],
)
def test_forms_that_are_mixed(value: str, *, mixed: bool) -> None:
    assert formats.timestamp(value)
    assert formats.mixes_forms(value) is mixed
