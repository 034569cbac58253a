"""The two other ways to give a statement back: ``ids`` and ``canonical`` (1.0.3 Communication 2.1.3)."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import UNSET, UnsetType, json
from msgspec.structs import replace

from lrs.statement.actor import is_identified
from lrs.statement.languages import Languages, choose
from schemas.xapi import (
    Activity,
    ActivityDefinition,
    Actor,
    Context,
    ContextActivities,
    InteractionComponent,
    LanguageMap,
    Statement,
    SubStatement,
    Verb,
)

_encode = json.Encoder().encode
_definition = json.Decoder(ActivityDefinition).decode


def ids(statement: Statement) -> bytes:
    """Write a statement with nothing of people, verbs and activities but what identifies them."""
    bare: Statement = _ids_event(statement)
    if bare.authority is not UNSET:
        bare = replace(bare, authority=_id_actor(bare.authority))
    return _encode(bare)


def _ids_event(event: Any) -> Any:
    target = event.object
    if isinstance(target, Activity):
        target = _id_activity(target)
    elif isinstance(target, Actor):
        # An object without objectType would be an Activity.
        target = replace(_id_actor(target), object_type=target.object_type)
    elif isinstance(target, SubStatement):
        target = _ids_event(target)
    context = event.context
    return replace(
        event,
        actor=_id_actor(event.actor),
        verb=Verb(event.verb.id),
        object=target,
        context=_ids_context(context) if context is not UNSET else UNSET,
    )


def _ids_context(context: Context) -> Context:
    return replace(
        context,
        instructor=_id_actor(context.instructor) if context.instructor is not UNSET else UNSET,
        team=_id_actor(context.team) if context.team is not UNSET else UNSET,
        context_activities=_each_activity(context.context_activities, _id_activity),
        context_agents=[replace(around, agent=_id_actor(around.agent)) for around in context.context_agents]
        if context.context_agents is not UNSET
        else UNSET,
        context_groups=[replace(around, group=_id_actor(around.group)) for around in context.context_groups]
        if context.context_groups is not UNSET
        else UNSET,
    )


def _id_actor(actor: Actor) -> Actor:
    """Keep the identifier, or of an anonymous Group those of its members."""
    object_type = actor.object_type if actor.object_type == "Group" else UNSET
    if not is_identified(actor) and actor.member is not UNSET:
        return Actor(object_type=object_type, member=[_id_actor(member) for member in actor.member])
    return replace(actor, object_type=object_type, name=UNSET, member=UNSET)


def _id_activity(activity: Activity) -> Activity:
    return Activity(activity.id)


def canonical(statement: Statement, languages: Languages, definitions: Mapping[str, bytes]) -> bytes:
    """Write a statement with the definitions this store knows by activity IRI, one language in each map.

    Maps of an attachment are the sender's own and stay whole, as people do.
    """

    def shown(activity: Activity) -> Activity:
        known = definitions.get(activity.id)
        definition = activity.definition if known is None else _definition(known)
        return replace(activity, definition=_in_one_language(definition, languages))

    return _encode(_canonical_event(statement, languages, shown))


def _canonical_event(event: Any, languages: Languages, shown: Callable[[Activity], Activity]) -> Any:
    target = event.object
    if isinstance(target, Activity):
        target = shown(target)
    elif isinstance(target, SubStatement):
        target = _canonical_event(target, languages, shown)
    context = event.context
    if context is not UNSET:
        context = replace(context, context_activities=_each_activity(context.context_activities, shown))
    verb = replace(event.verb, display=_one_language(event.verb.display, languages))
    return replace(event, verb=verb, object=target, context=context)


def _each_activity(
    around: ContextActivities | UnsetType, change: Callable[[Activity], Activity]
) -> ContextActivities | UnsetType:
    if around is UNSET:
        return UNSET

    def changed(activities: list[Activity] | Activity | UnsetType) -> list[Activity] | UnsetType:
        return [change(activity) for activity in activities] if isinstance(activities, list) else UNSET

    return ContextActivities(
        parent=changed(around.parent),
        grouping=changed(around.grouping),
        category=changed(around.category),
        other=changed(around.other),
    )


def _one_language(words: LanguageMap | UnsetType, languages: Languages) -> LanguageMap | UnsetType:
    return choose(words, languages) if words is not UNSET else UNSET


def _in_one_language(
    definition: ActivityDefinition | UnsetType, languages: Languages
) -> ActivityDefinition | UnsetType:
    if definition is UNSET:
        return UNSET

    def components(listed: list[InteractionComponent] | UnsetType) -> list[InteractionComponent] | UnsetType:
        if listed is UNSET:
            return UNSET
        return [replace(one, description=_one_language(one.description, languages)) for one in listed]

    return replace(
        definition,
        name=_one_language(definition.name, languages),
        description=_one_language(definition.description, languages),
        choices=components(definition.choices),
        scale=components(definition.scale),
        source=components(definition.source),
        target=components(definition.target),
        steps=components(definition.steps),
    )
