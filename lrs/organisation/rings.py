"""Refuses rows by which people manage one another in a circle, or teams are part of one another."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from lrs.organisation.circle import circles
from lrs.organisation.period import contains
from lrs.organisation.wanted import Refusal, WantedPerson, WantedTeam
from schemas.organisation import Organisation


def refused_rings(
    after: Organisation, people: Mapping[UUID, WantedPerson], teams: Mapping[str, WantedTeam], on: date
) -> list[Refusal]:
    """Give refusals of rows (by whom and what they are about) that close a circle on a day or later."""
    days = {one.during.first for one in after.memberships} | {one.during.first for one in after.managements}
    for day in sorted({on, *(one for one in days if one is not None and one > on)}):
        if refused := list(_of_managers(after, people, day)):
            return refused
    return list(_of_teams(after, people, teams))


def _of_managers(after: Organisation, people: Mapping[UUID, WantedPerson], day: date) -> Iterator[Refusal]:
    for ring in circles(_managers(after, day)):
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


def _managers(organisation: Organisation, day: date) -> dict[UUID, set[UUID]]:
    """Give who manages each person on a day."""
    by_team: dict[str, set[UUID]] = {}
    for one in organisation.managements:
        if contains(one.during, day):
            by_team.setdefault(one.team, set()).add(one.manager)
    found: dict[UUID, set[UUID]] = {}
    for member in organisation.memberships:
        if contains(member.during, day):
            found.setdefault(member.person, set()).update(by_team.get(member.team, ()))
    return found
