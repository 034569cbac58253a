"""Decides, purely, which learners are one person.

**Link A and B.** The person that A is and the person that B is become one. It keeps A's id, unless only B's is known to
the organisation. What is known of A stays; what isn't is taken from B (name, locale, zones, hours); leave, identifiers,
memberships and teams managed are those of both, and so is the time of employment. B's id is a person no more, but goes
on as one of its learners.

**Unlink A.** A's learner is taken out of its person and is a person by itself again, of whom the organisation knows
nothing until somebody says it: what linking merged isn't taken apart, because nobody wrote down whose it was. The first
identifier of a person can't be unlinked, because the person is named by it: unlink the others instead.
"""

from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from lrs.errors import Malformed
from lrs.organisation.held import Held, tidied
from lrs.organisation.known import Known, held_of, managements, memberships
from lrs.organisation.period import first, joined, last
from schemas.configuration_event import Details
from schemas.organisation import Organisation, Period, Person


class Named(NamedTuple):
    """A learner, and the identity that named them (empty: they were named by learner id)."""

    learner: UUID
    who: str = ""


def link(known: Known, one: Named, other: Named) -> Known:
    """Give the organisation when two are one person. Raises Malformed."""
    stays, joins = _person(known, one), _person(known, other)
    if stays.id == joins.id:
        return known
    people = known.organisation.people
    if stays.id not in people and joins.id in people:
        stays, joins = joins, stays
    merged = Person(
        id=stays.id,
        learners=tuple(dict.fromkeys((*stays.learners, *joins.learners))),
        locale=stays.locale or joins.locale,
        zones=stays.zones or joins.zones,
        hours=stays.hours or joins.hours,
        leave=joined((*stays.leave, *joins.leave)),
        employed=_both(stays, joins, people),
    )
    everybody = {id_: person for id_, person in people.items() if id_ != joins.id} | {merged.id: merged}
    after = _moved(known.organisation, everybody, joins.id, merged.id)
    details = dict(known.details)
    mine, theirs = details.get(stays.id, Details()), details.pop(joins.id, Details())
    said = (who for who in (one.who, other.who) if who)
    details[merged.id] = Details(
        mine.name or theirs.name, tuple(dict.fromkeys((*mine.identifiers, *theirs.identifiers, *said)))
    )
    return Known(after, details)


def unlink(known: Known, one: Named, identities: dict[str, UUID]) -> Known:
    """Give the organisation when a learner is a person by itself again; ``identities`` has its person's learners.

    Raises Malformed.
    """
    id_ = known.person_of.get(one.learner)
    if id_ is None:
        raise Malformed("this learner isn't linked to any other")
    person = known.organisation.people[id_]
    if one.learner == id_:
        raise Malformed(
            "this is the first identifier of its person, who is named by it: unlink the others instead"
            if len(person.learners) > 1
            else "this learner isn't linked to any other"
        )
    rest = replace(person, learners=tuple(learner for learner in person.learners if learner != one.learner))
    details = dict(known.details)
    if id_ in details:
        kept = tuple(who for who in details[id_].identifiers if identities.get(who) != one.learner)
        details[id_] = Details(details[id_].name, kept)
    people = {**known.organisation.people, id_: rest}
    return Known(replace(known.organisation, people=people), details)


def _person(known: Known, one: Named) -> Person:
    id_ = known.person_of.get(one.learner)
    return Person(id=one.learner, learners=(one.learner,)) if id_ is None else known.organisation.people[id_]


def _both(stays: Person, joins: Person, people: dict[UUID, Person]) -> Period:
    if joins.id not in people or stays.id not in people:
        return stays.employed
    both = stays.employed, joins.employed
    return Period(min(both, key=first).first, max(both, key=last).last)


def _moved(organisation: Organisation, people: dict[UUID, Person], gone: UUID, person: UUID) -> Organisation:
    """Give what one person held to another. Raises Malformed if they would manage a team they belong to."""
    limits = {id_: one.employed for id_, one in people.items()}
    existing = {id_: team.existed for id_, team in organisation.teams.items()}
    members, managers = (
        tidied((Held(person if who == gone else who, team, during) for who, team, during in held), limits, existing)
        for held in held_of(organisation)
    )
    for team, during in ((team, during) for who, team, during in managers if who == person):
        if any(
            who == person and of == team and first(one) <= last(during) and first(during) <= last(one)
            for who, of, one in members
        ):
            raise Malformed(f"linked, they would belong to {team!r}, which they manage: change that first")
    return Organisation(
        people=people,
        teams=organisation.teams,
        memberships=memberships(members),
        managements=managements(managers),
    )
