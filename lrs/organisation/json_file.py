"""organisation.json: everything, with all dates.

``{"teams": [{"id", "name", "parent", "since", "until"}], "people": [{"identifiers": [{"mbox"} or {"account"} …],
"name", "locale", "zones": [{"name", "since"}], "hours": {"days", "begin", "end"}, "leave": [{"first", "last"}],
"since", "until", "teams": [{"team", "since", "until"}], "manages": [{"team", "since", "until"}]}]}``

Only ``id`` and ``identifiers`` are needed. What is left out stays as it is; what is there replaces all there was of it.
"""

from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from lrs.errors import Malformed
from lrs.organisation import cells
from lrs.organisation.identifier import identity_of_actor
from lrs.organisation.period import joined
from lrs.organisation.wanted import InTeam, Refusal, Wanted, WantedPerson, WantedTeam
from schemas.organisation import Period, WorkingHours, Zone
from schemas.xapi import Actor

T = TypeVar("T")


class _File(Struct, forbid_unknown_fields=True):
    teams: list[Raw] | UnsetType = UNSET
    people: list[Raw] | UnsetType = UNSET


class _Zone(Struct, forbid_unknown_fields=True):
    name: str
    since: date | None = None


class _Hours(Struct, forbid_unknown_fields=True):
    days: tuple[int, ...]
    begin: str
    end: str


class _Period(Period, frozen=True, forbid_unknown_fields=True):
    pass


class _Person(Struct, forbid_unknown_fields=True):
    identifiers: list[Actor]
    name: str | UnsetType = UNSET
    locale: str | UnsetType = UNSET
    zones: list[_Zone] | UnsetType = UNSET
    hours: _Hours | UnsetType | None = UNSET
    leave: list[_Period] | UnsetType = UNSET
    since: date | UnsetType | None = UNSET
    until: date | UnsetType | None = UNSET
    teams: list[InTeam] | UnsetType = UNSET
    manages: list[InTeam] | UnsetType = UNSET


class _Team(Struct, forbid_unknown_fields=True):
    id: str
    name: str | UnsetType = UNSET
    parent: str | UnsetType | None = UNSET
    since: date | UnsetType | None = UNSET
    until: date | UnsetType | None = UNSET


def read_json(data: bytes, file: str) -> Wanted:
    """Give what an organisation.json says; items that can't be read are among the refusals. Raises Malformed."""
    try:
        found = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(f'{file}: {error}; write {{"teams": […], "people": […]}}') from None
    except RecursionError:
        raise Malformed(f'{file} is nested too deeply; write {{"teams": […], "people": […]}}') from None
    if found.teams is UNSET and found.people is UNSET:
        raise Malformed(f'{file} says nothing: write {{"teams": […], "people": […]}}')
    refusals: list[Refusal] = []
    teams = _items(found.teams, f"{file} teams", _Team, _team, refusals)
    people = _items(found.people, f"{file} people", _Person, _person, refusals)
    return Wanted(people=people, teams=teams, refusals=tuple(refusals))


def _items(
    raws: Sequence[Raw] | UnsetType,
    where: str,
    kind: type[Any],
    make: Callable[[Any, str, int], T],
    refusals: list[Refusal],
) -> tuple[T, ...] | None:
    if isinstance(raws, UnsetType):
        return None
    made: list[T] = []
    for order, raw in enumerate(raws):
        place = f"{where}[{order}]"
        try:
            made.append(make(msgspec.json.decode(raw, type=kind), place, order))
        except ValueError as error:  # msgspec's are ValueErrors too
            refusals.append(Refusal(place, str(error)))
        except RecursionError:
            refusals.append(Refusal(place, "it is nested too deeply"))
    return tuple(made)


def _team(team: _Team, place: str, order: int) -> WantedTeam:
    _check_days(team.since, team.until)
    return WantedTeam(
        place=place,
        order=order,
        id=_of("id", cells.team_id, team.id),
        name=_of("name", cells.person_name, team.name),
        parent=team.parent if not isinstance(team.parent, str) else _of("parent", cells.team_id, team.parent),
        since=team.since,
        until=team.until,
    )


def _person(person: _Person, place: str, order: int) -> WantedPerson:
    _check_days(person.since, person.until)
    if not person.identifiers:
        raise ValueError("identifiers: a person needs at least one")
    return WantedPerson(
        place=place,
        order=order,
        identifiers=tuple(dict.fromkeys(_of("identifiers", identity_of_actor, one) for one in person.identifiers)),
        name=_of("name", cells.person_name, person.name),
        locale=person.locale if not person.locale else _of("locale", cells.locale, person.locale),
        zones=_of("zones", _zones, person.zones),
        hours=None if person.hours is None else _of("hours", _hours, person.hours),
        leave=_of("leave", _leave, person.leave),
        since=person.since,
        until=person.until,
        belongs=_of("teams", _in_teams, person.teams),
        manages=_of("manages", _in_teams, person.manages),
    )


def _of(name: str, check: Callable[[Any], T], value: object) -> Any:
    """Check a value that is there; ValueError names the property."""
    if isinstance(value, UnsetType):
        return UNSET
    try:
        return check(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _check_days(since: date | UnsetType | None, until: date | UnsetType | None) -> None:
    cells.checked_period(Period(since or None, until or None))


def _zones(zones: list[_Zone]) -> tuple[Zone, ...]:
    found = sorted(
        (Zone(cells.zone_name(zone.name), zone.since and cells.checked_date(zone.since)) for zone in zones),
        key=lambda zone: zone.since or date.min,
    )
    if len({zone.since for zone in found}) < len(found):
        raise ValueError("two begin on the same day")
    return tuple(found)


def _hours(hours: _Hours) -> WorkingHours:
    try:
        begin, end = time.fromisoformat(hours.begin), time.fromisoformat(hours.end)
    except ValueError:
        raise ValueError(f"{hours.begin!r} and {hours.end!r} are no times: write 09:00") from None
    return cells.checked_hours(WorkingHours(hours.days, begin, end))


def _leave(periods: list[_Period]) -> tuple[Period, ...]:
    return joined(cells.checked_period(Period(one.first, one.last)) for one in periods)


def _in_teams(found: list[InTeam]) -> tuple[InTeam, ...]:
    for one in found:
        cells.team_id(one.team)
        cells.checked_period(one.during)
    return tuple(found)
