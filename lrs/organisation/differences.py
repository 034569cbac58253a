"""What a change changes, in words: what a dry run shows."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct

from lrs.organisation.identifier import shown_identifier
from lrs.organisation.known import Change, Known
from schemas.configuration_event import Details
from schemas.organisation import Management, Membership, Period, Person, Team, WorkingHours, Zone

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Difference(Struct, frozen=True):
    """One line of what changes."""

    what: Literal["person", "team", "member", "manager"]
    how: Literal["added", "changed", "removed"]
    who: str
    """A person's name or first identifier; a team's id."""
    details: str


def differences(before: Known, after: Known, change: Change) -> Iterator[Difference]:
    """Tell what makes the one into the other."""
    names = {**before.details, **after.details}
    old, new = before.organisation, after.organisation
    for id_ in change.change.removed_people:
        yield Difference("person", "removed", _called(id_, names), "")
    for person in change.change.people:
        was = old.people.get(person.id)
        said = _facts(person, after.details.get(person.id))
        if was is None:
            yield Difference("person", "added", _called(person.id, names), _listed(said))
        else:
            yield Difference(
                "person",
                "changed",
                _called(person.id, names),
                _changed(_facts(was, before.details.get(person.id)), said),
            )
    for team_id in change.change.removed_teams:
        yield Difference("team", "removed", team_id, "")
    for team in change.change.teams:
        found = old.teams.get(team.id)
        if found is None:
            yield Difference("team", "added", team.id, _listed(_team_facts(team)))
        else:
            yield Difference("team", "changed", team.id, _changed(_team_facts(found), _team_facts(team)))
    yield from _held("member", old.memberships, new.memberships, names)
    yield from _held("manager", old.managements, new.managements, names)


def shown_period(period: Period) -> str:
    """Write a period for people."""
    if period == Period():
        return "always"
    return f"{period.first or '…'} to {period.last or '…'}"


def shown_zones(zones: Iterable[Zone]) -> str:
    """Write time zones for people."""
    return " | ".join(zone.name + (f" since {zone.since}" if zone.since else "") for zone in zones)


def shown_hours(hours: WorkingHours | None) -> str:
    """Write working hours for people."""
    if hours is None:
        return ""
    return f"{','.join(_DAYS[day - 1] for day in hours.days)} {hours.begin:%H:%M}-{hours.end:%H:%M}"


def _held(
    what: Literal["member", "manager"],
    before: Iterable[Membership | Management],
    after: Iterable[Membership | Management],
    names: Mapping[UUID, Details],
) -> Iterator[Difference]:
    old, new = _by_pair(before), _by_pair(after)
    for person, team in sorted({**old, **new}, key=lambda pair: (pair[1], pair[0])):
        was, is_ = old.get((person, team)), new.get((person, team))
        if was == is_:
            continue
        who = f"{_called(person, names)} of {team}"
        if is_ is None:
            yield Difference(what, "removed", who, was or "")
        elif was is None:
            yield Difference(what, "added", who, is_)
        else:
            yield Difference(what, "changed", who, f"{was} → {is_}")


def _by_pair(held: Iterable[Membership | Management]) -> dict[tuple[UUID, str], str]:
    found: dict[tuple[UUID, str], list[Period]] = {}
    for one in held:
        person = one.person if isinstance(one, Membership) else one.manager
        found.setdefault((person, one.team), []).append(one.during)
    return {
        pair: ", ".join(shown_period(period) for period in sorted(periods, key=lambda one: one.first or date.min))
        for pair, periods in found.items()
    }


def _called(person: UUID, names: Mapping[UUID, Details]) -> str:
    details = names.get(person, Details())
    return details.name or next(map(shown_identifier, details.identifiers), str(person))


def _facts(person: Person, details: Details | None) -> dict[str, str]:
    details = details or Details()
    return {
        "name": details.name,
        "identifiers": " | ".join(map(shown_identifier, details.identifiers)),
        "locale": person.locale,
        "time zone": shown_zones(person.zones),
        "hours": shown_hours(person.hours),
        "leave": " | ".join(map(shown_period, person.leave)),
        "employed": shown_period(person.employed),
        "learners": str(len(person.learners)),
    }


def _team_facts(team: Team) -> dict[str, str]:
    return {"name": team.name, "parent": team.parent or "", "existed": shown_period(team.existed)}


def _listed(facts: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items() if value and name not in {"name", "learners"})


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    return ", ".join(
        f"{name} {before[name] or 'none'} → {value or 'none'}" for name, value in after.items() if value != before[name]
    )
