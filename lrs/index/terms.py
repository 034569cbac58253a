"""What a statement can be found by.

Source of the rules: xAPI 1.0.3 Communication 2.1.3 (filters of GET Statements), IEEE 9274.1.1 4.1.6.1.
"""

from collections.abc import Iterator

from lrs.seal import Keyring
from lrs.seal.kinds import AGENT, CONTEXT_STATEMENT, RELATED_AGENT
from lrs.statement import VOIDED, identity
from schemas.xapi import Activity, Actor, Context, Statement, StatementRef, SubStatement

Term = tuple[str, str]
"""Kind of thing and its value."""

_ANY = "any"
_AUTHORITY = "authority"
_VERB = "verb"
_ACTIVITY = "activity"
_RELATED_ACTIVITY = "related activity"
_REGISTRATION = "registration"

ANY: Term = (_ANY, "")
"""The term every statement has."""


def agent(who: str) -> Term:
    """Statements whose actor or object is this person or group, or a group they are a member of."""
    return (AGENT, who)


def related_agent(who: str) -> Term:
    """Statements that mention them elsewhere: instructor, team, context, or in a SubStatement."""
    return (RELATED_AGENT, who)


def context_statement(id_: str) -> Term:
    """Statements that name this one as their context. No filter of xAPI asks for it; who reads a learner's does."""
    return (CONTEXT_STATEMENT, id_.lower())


def authority(who: str) -> Term:
    """Statements they vouch for."""
    return (_AUTHORITY, who)


def verb(iri: str) -> Term:
    """Statements with this verb."""
    return (_VERB, iri)


def activity(iri: str) -> Term:
    """Statements about this activity."""
    return (_ACTIVITY, iri)


def related_activity(iri: str) -> Term:
    """Statements with this activity in their context or in a SubStatement."""
    return (_RELATED_ACTIVITY, iri)


def registration(uuid: str) -> Term:
    """Statements of this attempt."""
    return (_REGISTRATION, uuid.lower())


def terms(keyring: Keyring, statement: Statement) -> list[bytes]:
    """Give the terms of all a statement can be found by, each once."""
    of = keyring.terms_of
    thing, context = statement.object, statement.context
    agents = _people(statement.actor)
    related_agents: set[str] = set()
    related_activities: set[str] = set()
    found = [of(_ANY)(""), of(_VERB)(statement.verb.id)]
    if context:
        related_agents = _context_people(context)
        related_activities = {item.id for item in context_activities(context)}
        if context.registration:
            found.append(keyring.term(*registration(context.registration)))
        if context.statement:
            found.append(keyring.term(*context_statement(context.statement.id)))
    if isinstance(thing, Activity):
        found.append(of(_ACTIVITY)(thing.id))
        related_activities.discard(thing.id)
    elif isinstance(thing, Actor):
        agents.update(_people(thing))
    elif isinstance(thing, SubStatement):
        _add_related(thing, related_agents, related_activities)
    if statement.authority:
        found += map(of(_AUTHORITY), _people(statement.authority))
    found += map(of(AGENT), agents)
    if related_agents:
        found += map(of(RELATED_AGENT), related_agents - agents)
    found += map(of(_RELATED_ACTIVITY), related_activities)
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


def _people(actor: Actor) -> set[str]:
    return {identity(actor), *map(identity, actor.member)} if actor.member else {identity(actor)}


def _context_people(context: Context) -> set[str]:
    found: set[str] = set()
    if context.instructor:
        found |= _people(context.instructor)
    if context.team:
        found |= _people(context.team)
    for around in context.context_agents or ():
        found |= _people(around.agent)
    for around_group in context.context_groups or ():
        found |= _people(around_group.group)
    return found
