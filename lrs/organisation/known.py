"""The organisation with who everybody is: what decisions are made on."""

from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from lrs.organisation.held import Held
from schemas.configuration_event import Details
from schemas.organisation import Management, Membership, Organisation, OrganisationChange


class Known:
    """An organisation and its persons' details; not changed once made."""

    def __init__(self, organisation: Organisation, details: dict[UUID, Details], version: int = 0) -> None:
        """Take them; ``version`` counts the changes that led there, as far as they are recorded."""
        self.organisation = organisation
        self.details = details
        self.version = version

    @cached_property
    def person_of(self) -> dict[UUID, UUID]:
        """The person each learner is."""
        return {learner: person.id for person in self.organisation.people.values() for learner in person.learners}

    def details_of(self, person: UUID) -> Details:
        """Give a person's details; empty ones of whom none are known."""
        return self.details.get(person, Details())


class Change(NamedTuple):
    """What is to be recorded: a change, and the details of whom it changes the details of."""

    change: OrganisationChange
    details: dict[UUID, Details]

    def __bool__(self) -> bool:
        """Tell if anything changes."""
        return self.change != OrganisationChange() or bool(self.details)


def difference(before: Known, after: Known) -> Change:
    """Give what makes the one into the other. Whose details change is among its people."""
    old, new = before.organisation, after.organisation
    details = {id_: one for id_, one in after.details.items() if one != before.details.get(id_)}
    had_memberships, had_managements = set(old.memberships), set(old.managements)
    kept_memberships, kept_managements = set(new.memberships), set(new.managements)
    change = OrganisationChange(
        people=tuple(person for id_, person in new.people.items() if person != old.people.get(id_) or id_ in details),
        removed_people=tuple(sorted(old.people.keys() - new.people.keys())),
        teams=tuple(team for id_, team in new.teams.items() if team != old.teams.get(id_)),
        removed_teams=tuple(sorted(old.teams.keys() - new.teams.keys())),
        removed_memberships=tuple(one for one in old.memberships if one not in kept_memberships),
        added_memberships=tuple(one for one in new.memberships if one not in had_memberships),
        removed_managements=tuple(one for one in old.managements if one not in kept_managements),
        added_managements=tuple(one for one in new.managements if one not in had_managements),
    )
    return Change(change, {id_: one for id_, one in details.items() if id_ in new.people})


def memberships(held: Iterable[Held]) -> tuple[Membership, ...]:
    """Give what is held as memberships."""
    return tuple(Membership(person=person, team=team, during=during) for person, team, during in held)


def managements(held: Iterable[Held]) -> tuple[Management, ...]:
    """Give what is held as managements."""
    return tuple(Management(manager=person, team=team, during=during) for person, team, during in held)


def held_of(organisation: Organisation) -> tuple[list[Held], list[Held]]:
    """Give who belongs where, and who manages what."""
    return (
        [Held(one.person, one.team, one.during) for one in organisation.memberships],
        [Held(one.manager, one.team, one.during) for one in organisation.managements],
    )
