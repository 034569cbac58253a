"""Writes the organisation as an organisation.json: what can be taken over again, here or in another store."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from msgspec import to_builtins

from lrs.organisation.identifier import actor_of
from lrs.organisation.known import Known
from schemas.configuration_event import Details
from schemas.organisation import Management, Membership, Period, Person


def exported(known: Known) -> dict[str, Any]:
    """Give the organisation, all dates included. Somebody of whom no identifier is known can't be in it."""
    organisation = known.organisation
    belongs = _by_person((one.person, one) for one in organisation.memberships)
    manages = _by_person((one.manager, one) for one in organisation.managements)
    return {
        "teams": [
            {"id": team.id, "name": team.name, "parent": team.parent, **_since_until(team.existed)}
            for _, team in sorted(organisation.teams.items())
        ],
        "people": [
            {
                **_exported(person, details),
                "teams": belongs.get(person.id, []),
                "manages": manages.get(person.id, []),
            }
            for person in organisation.people.values()
            if (details := known.details_of(person.id)).identifiers
        ],
    }


def exported_person(known: Known, person: Person) -> dict[str, Any]:
    """Give what is known of a person, but teams: id, learner ids, and what an organisation.json has."""
    return {"id": person.id, "learners": person.learners, **_exported(person, known.details_of(person.id))}


def _exported(person: Person, details: Details) -> dict[str, Any]:
    return {
        "identifiers": [to_builtins(actor_of(who)) for who in details.identifiers],
        "name": details.name,
        "locale": person.locale,
        "zones": to_builtins(person.zones),
        "hours": to_builtins(person.hours),
        "leave": to_builtins(person.leave),
        **_since_until(person.employed),
    }


def _by_person(held: Iterable[tuple[UUID, Membership | Management]]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    for person, one in held:
        found.setdefault(person, []).append({"team": one.team, **_since_until(one.during)})
    return found


def _since_until(period: Period) -> dict[str, Any]:
    return {"since": to_builtins(period.first), "until": to_builtins(period.last)}
