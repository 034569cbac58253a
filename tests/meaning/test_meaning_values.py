"""Moments, durations and scores."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from aniso8601 import parse_duration  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from lrs.statement import formats
from projections.meaning.statement import Score
from projections.meaning.values import moment, scaled, seconds

STORED = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01t10:00:00.25z", datetime(2026, 3, 1, 10, 0, 0, 250000, tzinfo=UTC)),
        ("2026-03-01T10:00:00+05:30", datetime(2026, 3, 1, 4, 30, tzinfo=UTC)),
        ("2026-03-01T10:00:00.1234567899Z", datetime(2026, 3, 1, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("20161231T235960,5Z", datetime(2016, 12, 31, 23, 59, 59, 500000, tzinfo=UTC)),
        ("2026-03-01T10:00:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-W09-7T1000+01", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("20260301T10:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("", STORED),
        ("0001-01-01T00:00:00+14:00", datetime(1900, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59-12:00", datetime(2999, 12, 31, tzinfo=UTC)),
    ],
)
def test_moments(text: str, expected: datetime) -> None:
    assert text == "" or formats.timestamp(text)
    read = moment(text, STORED)
    assert (read, read.tzinfo) == (expected, UTC)


_OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1901, 1, 1), datetime(2998, 1, 1), timezones=_OFFSETS))  # noqa: DTZ001  # hypothesis adds it
def test_any_offset_gives_the_same_moment_in_utc(when: datetime) -> None:
    read = moment(when.isoformat(), STORED)
    assert (read, read.utcoffset()) == (when, timedelta(0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT0S", 0),
        ("PT1H30M", 5400),
        ("PT0.5S", 0.5),
        ("PT1,5M", 90),
        ("P1DT12H", 129_600),
        ("P4W", 2_419_200),
        ("P1Y2M3DT4H5M6.789S", (365 + 60 + 3) * 86_400 + 4 * 3600 + 5 * 60 + 6.789),
        ("P101Y", None),
        ("P" + "9" * 198 + "Y", None),
        ("", None),
    ],
)
def test_durations(text: str, expected: float | None) -> None:
    assert text == "" or formats.duration(text)
    assert seconds(text) == (expected if expected is None else pytest.approx(expected))


_PARTS = st.tuples(*[st.none() | st.integers(0, 99)] * 3, *[st.none() | st.integers(0, 99)] * 2)


@given(_PARTS, st.none() | st.decimals(0, 99, places=2, allow_nan=False))
def test_durations_last_as_long_as_the_reference_says(parts: tuple[int | None, ...], last: object) -> None:
    numbers = (*parts, last)
    day = "".join(f"{number}{unit}" for number, unit in zip(numbers[:3], "YMD", strict=True) if number is not None)
    time = "".join(f"{number}{unit}" for number, unit in zip(numbers[3:], "HMS", strict=True) if number is not None)
    text = f"P{day}" + (f"T{time}" if time else "")
    if text == "P":
        return
    assert formats.duration(text)
    expected = parse_duration(text).total_seconds()
    assert seconds(text) == (pytest.approx(expected) if expected <= 100 * 365 * 86_400 else None)


@given(st.text("P0123456789.,YMWDTHS", max_size=12).map(lambda rest: f"P{rest}"))
def test_no_duration_that_is_taken_in_breaks(text: str) -> None:
    if formats.duration(text):
        read = seconds(text)
        assert read is None or read >= 0


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (Score(scaled=Raw(b"-0.5"), raw=Raw(b"9")), -0.5),
        (Score(raw=Raw(b"15"), min=Raw(b"10"), max=Raw(b"20")), 0.5),
        (Score(raw=Raw(b"0"), min=Raw(b"0"), max=Raw(b"3")), 0),
        (Score(raw=Raw(b"5")), None),
        (Score(raw=Raw(b"5"), max=Raw(b"10")), None),
        (Score(raw=Raw(b"1"), min=Raw(b"1"), max=Raw(b"1.0000000000000000001")), None),
        (Score(raw=Raw(b"1e999"), min=Raw(b"0"), max=Raw(b"1e999")), None),
        (Score(), None),
        (None, None),
    ],
)
def test_scores(score: Score | None, expected: float | None) -> None:
    assert scaled(score) == expected
