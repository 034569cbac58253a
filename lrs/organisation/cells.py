"""What one cell of a table may say. Each reads a text; ValueError says what is wrong and what would be right."""

import re
from datetime import date, time

from lrs.configuration.time_zone import checked_zone
from lrs.organisation.period import joined
from lrs.organisation.wanted import WantedZone
from lrs.statement.formats import language
from schemas.organisation import Period, WorkingHours

SEPARATOR = "|"
"""Between several values in one cell."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_DUTCH = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4})")
_ZONE = re.compile(r"(\S+)(?:\s+since\s+(\S+))?", re.IGNORECASE)
_HOURS = re.compile(r"([a-z,\s-]+?)\s+(\d{1,2}[:.]\d\d)\s*(?:-|\u2013|to)\s*(\d{1,2}[:.]\d\d)", re.IGNORECASE)
_EARLIEST, _LATEST = date(1900, 1, 1), date(2199, 12, 31)


def values(text: str) -> list[str]:
    """Give the several values of a cell."""
    return [part.strip() for part in text.split(SEPARATOR) if part.strip()]


def a_date(text: str) -> date:
    """Read 2024-12-31, or 31-12-2024 as Dutch and German spreadsheets write it."""
    text = text.strip()
    if dutch := _DUTCH.fullmatch(text):
        text = f"{dutch[3]}-{int(dutch[2]):02}-{int(dutch[1]):02}"
    try:
        if not _ISO.fullmatch(text):
            raise ValueError  # noqa: TRY301 - said once, below
        return checked_date(date.fromisoformat(text))
    except ValueError as error:
        raise ValueError(str(error) if "between" in str(error) else f"{text!r} is no date: write 2024-12-31") from None


def checked_date(day: date) -> date:
    """Give a date if somebody can have worked then."""
    if not _EARLIEST <= day <= _LATEST:
        raise ValueError(f"{day} is not between {_EARLIEST} and {_LATEST}")
    return day


def checked_period(period: Period) -> Period:
    """Give a period if it has days."""
    for day in (period.first, period.last):
        if day is not None:
            checked_date(day)
    if period.first is not None and period.last is not None and period.last < period.first:
        raise ValueError(f"{period.last} is before {period.first}")
    return period


def zone_name(text: str) -> str:
    """Read the IANA name of a time zone."""
    return checked_zone(text.strip())


def a_zone(text: str) -> WantedZone:
    """Read a time zone, with or without the day from which somebody works in it: Europe/Paris since 2024-06-01."""
    found = _ZONE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no IANA time zone, nor one since a day: write Europe/Paris since 2024-06-01")
    return WantedZone(zone_name(found[1]), a_date(found[2]) if found[2] else None)


def working_hours(text: str) -> WorkingHours:
    """Read days of the week and hours: mon-fri 09:00-17:30, or mon,tue,thu 08:30-15:00."""
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} are no working hours: write mon-fri 09:00-17:30")
    days: set[int] = set()
    for part in found[1].lower().replace(" ", "").split(","):
        begin, dash, end = part.partition("-")
        if begin not in DAYS or (dash and end not in DAYS):
            raise ValueError(f"{part!r} are no days: write {', '.join(DAYS)}, or mon-fri")
        low = DAYS.index(begin)
        high = DAYS.index(end) if dash else low
        days |= {day % 7 + 1 for day in range(low, high + 1 if high >= low else high + 8)}
    return checked_hours(WorkingHours(tuple(sorted(days)), _time(found[2]), _time(found[3])))


def checked_hours(hours: WorkingHours) -> WorkingHours:
    """Give working hours if they can be worked."""
    if not hours.days or not set(hours.days) <= set(range(1, 8)) or len(set(hours.days)) < len(hours.days):
        raise ValueError("days are each one of 1 (Monday) to 7 (Sunday), and at least one")
    if hours.begin.tzinfo is not None or hours.end.tzinfo is not None:
        raise ValueError("hours are in the person's own time zone: write 09:00, without a zone")
    if hours.end <= hours.begin:
        raise ValueError(f"{hours.end:%H:%M} is not after {hours.begin:%H:%M}: hours across midnight can't be written")
    return WorkingHours(tuple(sorted(hours.days)), hours.begin, hours.end)


def leave(text: str) -> tuple[Period, ...]:
    """Read days of leave: 2024-12-31, or 2024-07-01..2024-07-14, several separated by |."""
    found = []
    for part in values(text):
        begin, dots, end = part.partition("..")
        day = a_date(begin)
        found.append(checked_period(Period(day, a_date(end) if dots else day)))
    return joined(found)


def locale(text: str) -> str:
    """Read a language tag (BCP 47)."""
    if not language(text.strip()):
        raise ValueError(f"{text!r} is no language tag: write nl, nl-BE or en-GB")
    return text.strip()


def team_id(text: str) -> str:
    """Read the id of a team: one line that isn't too long."""
    name = text.strip()
    if not name or len(name) > 200 or not name.isprintable() or SEPARATOR in name:
        raise ValueError(f"{text!r} can't be a team's id: write one line of up to 200 characters, without {SEPARATOR}")
    return name


def person_name(text: str) -> str:
    """Read somebody's name: one line that isn't too long."""
    name = " ".join(text.split())
    if len(name) > 500 or not name.isprintable():
        raise ValueError("a name is one line of up to 500 characters")
    return name


def _time(text: str) -> time:
    hour, minute = (int(part) for part in text.replace(".", ":").split(":"))
    try:
        return time(hour, minute)
    except ValueError:
        raise ValueError(f"{text!r} is no time: write 09:00") from None
