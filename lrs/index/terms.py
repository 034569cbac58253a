"""What a statement can be found by.

Source of the rules: xAPI 1.0.3 Communication 2.1.3 (filters of GET Statements), IEEE 9274.1.1 4.1.6.1.
"""

from collections.abc import Iterator

from lrs.statement import VOIDED, identity
from schemas.xapi import Activity, Actor, Context, Statement, StatementRef, SubStatement

Term = tuple[str, str]
"""Kind of thing and its value."""

ANY: Term = ("any", "")
"""The term every statement has."""


def agent(who: str) -> Term:
    """Statements whose actor or object is this person or group, or a group they are a member of."""
    return ("agent", who)


def related_agent(who: str) -> Term:
    """Statements that mention them elsewhere: instructor, team, context, or in a SubStatement."""
    return ("related agent", who)


def context_statement(id_: str) -> Term:
    """Statements that name this one as their context. No filter of xAPI asks for it; who reads a learner's does."""
    return ("context statement", id_.lower())


def authority(who: str) -> Term:
    """Statements they vouch for."""
    return ("authority", who)


def verb(iri: str) -> Term:
    """Statements with this verb."""
    return ("verb", iri)


def activity(iri: str) -> Term:
    """Statements about this activity."""
    return ("activity", iri)


def related_activity(iri: str) -> Term:
    """Statements with this activity in their context or in a SubStatement."""
    return ("related activity", iri)


def registration(uuid: str) -> Term:
    """Statements of this attempt."""
    return ("registration", uuid.lower())


def terms(statement: Statement) -> list[Term]:
    """Give all a statement can be found by, each once."""
    thing, context = statement.object, statement.context
    agents = set(_people(statement.actor))
    related_agents: set[str] = set()
    related_activities: set[str] = set()
    found = [ANY, verb(statement.verb.id)]
    if isinstance(thing, Activity):
        found.append(activity(thing.id))
    elif isinstance(thing, Actor):
        agents.update(_people(thing))
    elif isinstance(thing, SubStatement):
        _add_related(thing, related_agents, related_activities)
    if context:
        related_agents.update(_context_people(context))
        related_activities.update([item.id for item in context_activities(context)])
        if context.registration:
            found.append(registration(context.registration))
        if context.statement:
            found.append(context_statement(context.statement.id))
    if isinstance(thing, Activity):
        related_activities.discard(thing.id)
    if statement.authority:
        found += [authority(who) for who in set(_people(statement.authority))]
    found += [agent(who) for who in agents]
    found += [related_agent(who) for who in related_agents - agents]
    found += [related_activity(iri) for iri in related_activities]
    return found


def _add_related(inner: SubStatement, agents: set[str], activities: set[str]) -> None:
    agents.update(_people(inner.actor))
    if isinstance(inner.object, Activity):
        activities.add(inner.object.id)
    elif isinstance(inner.object, Actor):
        agents.update(_people(inner.object))
    if inner.context:
        agents.update(_context_people(inner.context))
        activities.update([item.id for item in context_activities(inner.context)])


def actors(statement: Statement) -> Iterator[Actor]:
    """Give the actor and the object, if that is an agent or a group, with their members."""
    for actor in (statement.actor, statement.object):
        if isinstance(actor, Actor):
            yield actor
            yield from actor.member or ()


def target(statement: Statement) -> str | None:
    """Give the id of the statement that this one targets, if its object is a StatementRef."""
    return statement.object.id if isinstance(statement.object, StatementRef) else None


def voids(statement: Statement) -> bool:
    """Whether it is a voiding statement."""
    return statement.verb.id == VOIDED and isinstance(statement.object, StatementRef)


def context_activities(context: Context) -> list[Activity]:
    """Give the activities of a context, whatever their relation."""
    found: list[Activity] = []
    if around := context.context_activities:
        for relation in (around.parent, around.grouping, around.category, around.other):
            if isinstance(relation, list):
                found += relation
    return found


def _people(actor: Actor) -> list[str]:
    return [identity(actor), *map(identity, actor.member or ())]


def _context_people(context: Context) -> list[str]:
    found: list[str] = []
    if context.instructor:
        found += _people(context.instructor)
    if context.team:
        found += _people(context.team)
    for around in context.context_agents or ():
        found += _people(around.agent)
    for around_group in context.context_groups or ():
        found += _people(around_group.group)
    return found
