"""Names of time zones, and what somebody meant who misspelt one."""

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

_NO_PLACES = {"localtime", "Factory", "posixrules"}
"""Names in the IANA database that mean another zone on every machine, or none."""


def checked_zone(name: str) -> str:
    """Give the IANA name of a time zone if it is one; ValueError says what is wrong."""
    if name not in _zones():
        close = _closest(name)
        shown = name if len(name) <= 100 else name[:100] + "…"
        raise ValueError(f"{shown!r} is no IANA time zone" + (f": did you mean {close}?" if close else ""))
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError(f"{name!r} is no IANA time zone that this machine knows") from None
    return name


def _closest(name: str) -> str | None:
    """Give the zone that differs in one letter, or in case, or whose city it is."""
    # By looking up, not by comparing with every zone: a file can have a hundred thousand different wrong ones.
    return next((_misspelt()[one] for one in _without_a_letter(name[:100].lower()) if one in _misspelt()), None)


def _without_a_letter(word: str) -> list[str]:
    """Give a word, and it without each of its letters: two words with one letter wrong have one of those in common."""
    return [word, *(word[:place] + word[place + 1 :] for place in range(len(word)))]


@lru_cache(1)
def _misspelt() -> dict[str, str]:
    found: dict[str, str] = {}
    for zone in sorted(_zones()):
        _, _, city = zone.lower().rpartition("/")
        for one in (*_without_a_letter(zone.lower()), city):
            found.setdefault(one, zone)
    return found | {zone.lower(): zone for zone in _zones()}


@lru_cache(1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - _NO_PLACES)
