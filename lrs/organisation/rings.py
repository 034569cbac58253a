"""Refuses rows by which people manage one another in a circle, or teams are part of one another."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from lrs.errors import Malformed
from lrs.organisation.circle import circles
from lrs.organisation.period import contains
from lrs.organisation.wanted import Refusal, WantedPerson, WantedTeam
from schemas.organisation import Organisation, Period

_MOST_LOOKED_AT = 1_000_000
"""Persons, on all days to come together; thousands of moves in an organisation of ten levels are some ten thousand."""


def refused_rings(
    after: Organisation, people: Mapping[UUID, WantedPerson], teams: Mapping[str, WantedTeam], on: date
) -> list[Refusal]:
    """Give refusals of rows (by whom and what they are about) that close a circle on a day or later.

    Raises Malformed if so much changes on so many days to come that looking would take minutes.
    """
    chains = _Chains(after)
    if refused := list(_of_managers(chains.above({one.person for one in after.memberships}, on), people)):
        return refused
    looked = 0
    for day, persons in sorted(_beginning(after, on).items()):
        # A circle that begins on a day has somebody in it for whom something begins on that day.
        above = chains.above(persons, day)
        if refused := list(_of_managers(above, people)):
            return refused
        looked += len(above)
        if looked > _MOST_LOOKED_AT:
            raise Malformed(
                f"teams and managers change on so many days after {on}, for people with so many managers above them, "
                "that circles can't be ruled out: give fewer different days"
            )
    return list(_of_teams(after, people, teams))


def _beginning(after: Organisation, on: date) -> dict[date, set[UUID]]:
    """Give those for whom a membership or a management begins on each later day."""
    found: dict[date, set[UUID]] = {}
    held = ((one.person, one.during.first) for one in after.memberships)
    for person, day in (*held, *((one.manager, one.during.first) for one in after.managements)):
        if day is not None and day > on:
            found.setdefault(day, set()).add(person)
    return found


class _Chains:
    """Who is above whom, looked up by person and day."""

    def __init__(self, organisation: Organisation) -> None:
        self._teams: dict[UUID, list[tuple[str, Period]]] = {}
        for member in organisation.memberships:
            self._teams.setdefault(member.person, []).append((member.team, member.during))
        self._managers: dict[str, list[tuple[UUID, Period]]] = {}
        for one in organisation.managements:
            self._managers.setdefault(one.team, []).append((one.manager, one.during))

    def above(self, persons: Collection[UUID], day: date) -> dict[UUID, set[UUID]]:
        """Give who manages these persons on a day, and who manages those, to the top."""
        found: dict[UUID, set[UUID]] = {}
        left = list(persons)
        while left:
            person = left.pop()
            if person not in found:
                found[person] = {
                    manager
                    for team, belongs in self._teams.get(person, ())
                    if contains(belongs, day)
                    for manager, manages in self._managers.get(team, ())
                    if contains(manages, day)
                }
                left += found[person]
        return found


def _of_managers(above: Mapping[UUID, set[UUID]], people: Mapping[UUID, WantedPerson]) -> Iterator[Refusal]:
    for ring in circles(above):
        rows = sorted((people[person] for person in ring if person in people), key=lambda row: row.order)
        reason = (
            f"{', '.join(row.place for row in rows)} manage one another in a circle"
            if len(ring) > 1
            else "they would belong to a team that they manage themselves"
        )
        # The last one closes the circle. A circle that no row has a part in isn't of this file's making.
        yield from (Refusal(row.place, f"column manager: {reason}") for row in rows[-1:])


def _of_teams(
    after: Organisation, people: Mapping[UUID, WantedPerson], teams: Mapping[str, WantedTeam]
) -> Iterator[Refusal]:
    for ring in circles({id_: {team.parent} for id_, team in after.teams.items() if team.parent}):
        reason = f"parent: {' is part of '.join(repr(id_) for id_ in [*ring, ring[0]])}"
        in_them = (one.person for one in after.memberships if one.team in ring)
        blamed: Sequence[WantedPerson | WantedTeam] = [teams[id_] for id_ in ring if id_ in teams] or [
            people[person] for person in in_them if person in people
        ]
        yield from (Refusal(row.place, reason) for row in sorted(blamed, key=lambda row: row.order)[-1:])
