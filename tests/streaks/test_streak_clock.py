"""Weeks are those of the learner's own zone: daylight saving, datelines, zones that move."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.streaks.fold import SLOT
from schemas.organisation import Person, Zone
from schemas.policy import Policy
from tests.streaks.given import ANN, act, at, on, rows_of, rule

NEW_YORK, KATHMANDU = "America/New_York", "Asia/Kathmandu"
APIA, KIRITIMATI, BAKER = "Pacific/Apia", "Pacific/Kiritimati", "Etc/GMT+12"


def weeks(*moments: datetime, zones: tuple[Zone, ...] = (), policy: Policy | None = None) -> dict[str, tuple[int, int]]:
    """Acts and days of each week with any."""
    person = Person(id=ANN, zones=zones)
    rows = rows_of([act(moment) for moment in moments], policy, person)
    return {row.week.isoformat(): (row.acts, row.days) for row in rows if row.acts}


def in_zone(name: str, *local: str) -> dict[str, tuple[int, int]]:
    return weeks(*(at(moment, name) for moment in local), zones=(Zone(name),))


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", NEW_YORK, KATHMANDU, KIRITIMATI, BAKER, "Australia/Lord_Howe"])
@pytest.mark.parametrize(
    ("last", "first", "begun"),
    [
        ("2026-01-11T23:59:59", "2026-01-12T00:00:00", "2026-01-12"),
        # Weeks that end or begin with a change of the clock in Europe, America, Australia.
        ("2026-03-29T23:59:59", "2026-03-30T00:00:00", "2026-03-30"),
        ("2026-10-25T23:59:59", "2026-10-26T00:00:00", "2026-10-26"),
        ("2026-03-08T23:59:59", "2026-03-09T00:00:00", "2026-03-09"),
        ("2026-11-01T23:59:59", "2026-11-02T00:00:00", "2026-11-02"),
        ("2026-04-05T23:59:59", "2026-04-06T00:00:00", "2026-04-06"),
        # Week 53 of 2026 ends in 2027.
        ("2026-12-27T23:59:59", "2026-12-28T00:00:00", "2026-12-28"),
        ("2027-01-03T23:59:59", "2027-01-04T00:00:00", "2027-01-04"),
    ],
)
def test_a_week_ends_with_sunday(zone: str, last: str, first: str, begun: str) -> None:
    before = (date.fromisoformat(begun) - timedelta(weeks=1)).isoformat()
    assert in_zone(zone, last, first) == {before: (1, 1), begun: (1, 1)}


def test_an_hour_that_comes_twice_is_one_day() -> None:
    twice = [at("2026-10-25T02:30"), at("2026-10-25T02:30").replace(fold=1)]
    assert twice[0].astimezone(UTC) != twice[1].astimezone(UTC)
    assert weeks(*twice) == {"2026-10-19": (2, 1)}


def test_a_midnight_that_is_skipped() -> None:
    # Sunday 4 November 2018 began at 01:00 in Sao Paulo; Monday 5 November as ever.
    assert in_zone("America/Sao_Paulo", "2018-11-03T23:59", "2018-11-04T01:00", "2018-11-05T00:00") == {
        "2018-10-29": (2, 2),
        "2018-11-05": (1, 1),
    }


def test_a_monday_that_begins_at_one() -> None:
    # In Tehran, Monday 22 March 2021 began at 01:00, which was 20:30 UTC.
    begun = datetime(2021, 3, 21, 20, 30, tzinfo=UTC)
    rows = rows_of([act(begun - timedelta(seconds=1)), act(begun)], None, Person(id=ANN, zones=(Zone("Asia/Tehran"),)))
    assert [(row.week, row.begins, row.acts) for row in rows[:2]] == [
        (date(2021, 3, 15), datetime(2021, 3, 14, 20, 30, tzinfo=UTC), 1),
        (date(2021, 3, 22), begun, 1),
    ]


def test_a_day_that_never_was() -> None:
    # Apia went from Thursday 29 to Saturday 31 December 2011: a week of six days.
    acts = [datetime(2011, 12, 26, 10, 30, tzinfo=UTC) + timedelta(days=day) for day in range(7)]
    assert weeks(*acts, zones=(Zone(APIA),)) == {"2011-12-26": (6, 6), "2012-01-02": (1, 1)}


def test_the_policys_zone_is_that_of_everybody_else() -> None:
    late = at("2026-01-11T23:30", NEW_YORK)
    assert weeks(late, policy=Policy(time_zone=NEW_YORK)) == {"2026-01-05": (1, 1)}
    assert weeks(late, policy=Policy(time_zone="Europe/Amsterdam")) == {"2026-01-12": (1, 1)}
    assert weeks(late, zones=(Zone(NEW_YORK),)) == {"2026-01-05": (1, 1)}


def test_before_the_first_zone_the_policys_holds() -> None:
    zones = (Zone(NEW_YORK, date(2026, 2, 2)),)
    assert weeks(at("2026-01-11T23:30", NEW_YORK), zones=zones) == {"2026-01-12": (1, 1)}
    assert weeks(at("2026-02-08T23:30", NEW_YORK), zones=zones) == {"2026-02-02": (1, 1)}


def test_a_zone_holds_from_the_midnight_there() -> None:
    zones = (Zone("Europe/Amsterdam"), Zone(NEW_YORK, date(2026, 1, 12)))
    # Monday 12 January begins at 05:00 UTC in New York; until then it is Amsterdam's Monday already.
    acts = [datetime(2026, 1, 11, 22, 59, tzinfo=UTC), datetime(2026, 1, 12, 4, 59, tzinfo=UTC)]
    assert weeks(*acts, zones=zones) == {"2026-01-05": (1, 1), "2026-01-12": (1, 1)}
    back = (Zone(NEW_YORK), Zone("Europe/Amsterdam", date(2026, 1, 12)))
    acts = [datetime(2026, 1, 11, 22, 59, tzinfo=UTC), datetime(2026, 1, 11, 23, 0, tzinfo=UTC)]
    assert weeks(*acts, zones=back) == {"2026-01-05": (1, 1), "2026-01-12": (1, 1)}


def test_there_and_back_within_a_week() -> None:
    zones = (
        Zone("Europe/Amsterdam"),
        Zone(KIRITIMATI, date(2026, 1, 9)),
        Zone("Europe/Amsterdam", date(2026, 1, 11)),
    )
    # Friday noon in UTC is Saturday on Kiritimati.
    acts = [datetime(2026, 1, day, hour, tzinfo=UTC) for day, hour in ((8, 6), (9, 6), (9, 12), (13, 6))]
    assert weeks(*acts, zones=zones) == {"2026-01-05": (3, 3), "2026-01-12": (1, 1)}


def test_zones_since_ever() -> None:
    zones = (Zone("Asia/Tokyo", date(1, 1, 1)), Zone(NEW_YORK, date(9999, 12, 31)))
    assert weeks(at("2026-01-12T00:00", "Asia/Tokyo"), zones=zones) == {"2026-01-12": (1, 1)}


def test_rows_begin_where_the_learner_is() -> None:
    zones = (Zone("Europe/Amsterdam"), Zone(KATHMANDU, date(2026, 1, 14)))
    rows = rows_of([act(at("2026-01-07T12:00"))], Policy(rhythm=rule()), Person(id=ANN, zones=zones))
    assert [(row.week, row.zone, row.begins) for row in rows[:3]] == [
        (date(2026, 1, 5), "Europe/Amsterdam", at("2026-01-05T00:00")),
        (date(2026, 1, 12), KATHMANDU, at("2026-01-12T00:00")),
        (date(2026, 1, 19), KATHMANDU, at("2026-01-19T00:00", KATHMANDU)),
    ]
    assert [row.until for row in rows] == [*(row.begins for row in rows[1:]), None]


def test_a_move_long_after_the_last_act_is_seen() -> None:
    zones = (Zone("Europe/Amsterdam"), Zone(NEW_YORK, date(2027, 6, 2)))
    rows = rows_of([act(at("2026-01-07T12:00"))], None, Person(id=ANN, zones=zones))
    assert on(rows, date(2027, 5, 24)).zone == "Europe/Amsterdam"
    assert on(rows, date(2027, 6, 7)).zone == NEW_YORK


def test_a_zone_that_is_none_is_named() -> None:
    with pytest.raises(KeyError, match="Mars/Olympus"):
        rows_of([act(at("2026-01-07T12:00"))], None, Person(id=ANN, zones=(Zone("Mars/Olympus"),)))


def test_days_begin_on_a_quarter_of_an_hour_everywhere() -> None:
    hours = [datetime(year, month, 1, tzinfo=UTC) for year in range(2000, 2038) for month in range(1, 13)]
    odd = {
        name
        for name in available_timezones()
        for hour in hours
        if hour.astimezone(ZoneInfo(name)).utcoffset() % timedelta(seconds=SLOT)  # type: ignore[operator]
    }
    assert odd == set()


@given(
    st.sampled_from(sorted(available_timezones())),
    st.lists(st.datetimes(datetime(2016, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)), min_size=1),  # noqa: DTZ001
)
def test_any_zone(name: str, moments: list[datetime]) -> None:
    zone = ZoneInfo(name)
    days = {moment: moment.astimezone(zone).date() for moment in moments}
    expected = Counter(
        day - timedelta(days=day.weekday()) for day in (moment.astimezone(zone).date() for moment in moments)
    )
    distinct = Counter(day - timedelta(days=day.weekday()) for day in set(days.values()))
    assert weeks(*moments, zones=(Zone(name),)) == {
        week.isoformat(): (acts, distinct[week]) for week, acts in expected.items()
    }


@given(
    st.lists(
        st.sampled_from(["Europe/Amsterdam", NEW_YORK, KATHMANDU, "Asia/Tokyo", "Africa/Cairo"]), min_size=1, max_size=4
    ),
    st.lists(st.dates(date(2026, 1, 1), date(2026, 3, 1)), min_size=4, max_size=4).map(sorted),
    st.lists(st.datetimes(datetime(2025, 12, 1), datetime(2026, 4, 1), timezones=st.just(UTC)), min_size=1),  # noqa: DTZ001
)
def test_zones_that_move(names: list[str], since: list[date], moments: list[datetime]) -> None:
    zones = (Zone("Europe/Amsterdam"), *(Zone(name, day) for name, day in zip(names, since, strict=False)))

    def week(moment: datetime) -> str:
        # The last zone that has begun: where it is the day of the move already.
        local = [
            moment.astimezone(ZoneInfo(zone.name)).date()
            for zone in zones
            if zone.since is None or moment.astimezone(ZoneInfo(zone.name)).date() >= zone.since
        ][-1]
        return _monday(local).isoformat()

    told = weeks(*moments, zones=zones)
    assert {week: acts for week, (acts, _) in told.items()} == Counter(week(moment) for moment in moments)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
