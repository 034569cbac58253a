"""The organisation: who there is, in which teams, who manages whom, since and until when.

Persons are named by a learner's id: that of the first identifier they were known by. What says who they are (name,
identifiers) is sealed in the log's events and not in here.
"""

from collections.abc import Iterable
from datetime import date, time
from typing import Any, Final, TypeVar
from uuid import UUID

from msgspec import Struct, structs

T = TypeVar("T")


class Zone(Struct, frozen=True, omit_defaults=True):
    """A time zone (IANA name) that somebody works in, from the beginning of a day there."""

    name: str
    since: date | None = None
    """None: always so."""


class WorkingHours(Struct, frozen=True):
    """Hours somebody works on these days of the week, in their own time zone."""

    days: tuple[int, ...]
    """ISO 8601: 1 is Monday, 7 is Sunday."""
    begin: time
    end: time


class Period(Struct, frozen=True, omit_defaults=True):
    """Days from the first up to and including the last; None: no limit."""

    first: date | None = None
    last: date | None = None


class Person(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who works here, or did."""

    id: UUID
    learners: tuple[UUID, ...] = ()
    """Every learner that is this person, ``id`` included: one for each of their identifiers."""
    locale: str = ""
    """BCP 47 tag."""
    zones: tuple[Zone, ...] = ()
    """Oldest first."""
    hours: WorkingHours | None = None
    leave: tuple[Period, ...] = ()
    employed: Period = Period()


class Team(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A team; ``id`` is the organisation's own name for it."""

    id: str
    name: str
    parent: str | None = None
    existed: Period = Period()


class Membership(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody belongs to a team."""

    person: UUID
    team: str
    during: Period = Period()


class Management(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody manages a team."""

    manager: UUID
    team: str
    during: Period = Period()


class OrganisationChange(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one event changes. A person or team that is there replaces the one with that id."""

    people: tuple[Person, ...] = ()
    removed_people: tuple[UUID, ...] = ()
    """With them goes what they hold."""
    teams: tuple[Team, ...] = ()
    removed_teams: tuple[str, ...] = ()
    memberships: tuple[Membership, ...] | None = None
    """All memberships there are from now on; None: they stay as they are."""
    managements: tuple[Management, ...] | None = None
    """All there are from now on; None: they stay as they are."""
    removed_memberships: tuple[Membership, ...] = ()
    """Exactly these go: of a large organisation an event should hold what changes, not everything."""
    added_memberships: tuple[Membership, ...] = ()
    removed_managements: tuple[Management, ...] = ()
    added_managements: tuple[Management, ...] = ()

    def parted(self) -> "tuple[OrganisationChange, dict[UUID, OrganisationChange]]":
        """Give what is about nobody in particular, and by person what is about them alone."""
        parts: dict[UUID, dict[str, list[Any]]] = {}
        for name, holder in _PERSONAL.items():
            for one in getattr(self, name):
                parts.setdefault(getattr(one, holder), {}).setdefault(name, []).append(one)
        common = structs.replace(self, **dict.fromkeys(_PERSONAL, ()))
        return common, {
            person: OrganisationChange(**{name: tuple(held) for name, held in part.items()})
            for person, part in parts.items()
        }

    def joined(self, parts: "Iterable[OrganisationChange]") -> "OrganisationChange":
        """Give this change with what some parts of it say."""
        whole = [self, *parts]
        if len(whole) == 1:
            return self
        held = {name: tuple(one for part in whole for one in getattr(part, name)) for name in _PERSONAL}
        return structs.replace(self, **held)


_PERSONAL: Final = {
    "people": "id",
    "removed_memberships": "person",
    "added_memberships": "person",
    "removed_managements": "manager",
    "added_managements": "manager",
}
"""Properties of a change that list what is about single persons, and what says whom."""


class Organisation(Struct, frozen=True, kw_only=True):
    """The organisation as it is after some changes."""

    people: dict[UUID, Person] = {}
    teams: dict[str, Team] = {}
    memberships: tuple[Membership, ...] = ()
    managements: tuple[Management, ...] = ()

    def after(self, change: OrganisationChange) -> "Organisation":
        """Give the organisation after a change."""
        people = {**self.people, **{person.id: person for person in change.people}}
        teams = {**self.teams, **{team.id: team for team in change.teams}}
        gone = set(change.removed_people)
        memberships = tuple(one for one in self.memberships if one.person not in gone) if gone else self.memberships
        managements = tuple(one for one in self.managements if one.manager not in gone) if gone else self.managements
        return Organisation(
            people={id_: person for id_, person in people.items() if id_ not in gone},
            teams={id_: team for id_, team in teams.items() if id_ not in change.removed_teams},
            memberships=_replaced(
                memberships, change.memberships, change.removed_memberships, change.added_memberships
            ),
            managements=_replaced(
                managements, change.managements, change.removed_managements, change.added_managements
            ),
        )


def _replaced(
    before: tuple[T, ...], whole: tuple[T, ...] | None, removed: tuple[T, ...], added: tuple[T, ...]
) -> tuple[T, ...]:
    if whole is None and not removed and not added:
        return before
    gone = set(removed)
    return (*(one for one in (before if whole is None else whole) if one not in gone), *added)
