"""What it was done to: activities, their definitions and interactions (1.0.3 Data 2.4.4.1)."""

from typing import TypeGuard

from msgspec import UNSET, UnsetType

from lrs.errors import shown
from lrs.statement import formats
from lrs.statement.errors import Invalid
from lrs.statement.extensions import check_extensions
from lrs.statement.language_map import check_language_map
from lrs.statement.rules import Rules
from schemas.xapi import Activity, ActivityDefinition, InteractionComponent


def check_activity(activity: Activity, rules: Rules) -> None:
    """Check an activity's id and, if there is one, its definition."""
    if not formats.iri(activity.id):
        raise Invalid("id", f"{shown(activity.id)} is not {formats.IRI}")
    if activity.definition is not UNSET:
        try:
            _check_definition(activity.definition, rules)
        except Invalid as error:
            error.within("definition")
            raise


def _check_definition(definition: ActivityDefinition, rules: Rules) -> None:
    part = "name"
    try:
        if definition.name is not UNSET:
            check_language_map(definition.name)
        if definition.description is not UNSET:
            part = "description"
            check_language_map(definition.description)
        if definition.extensions is not UNSET:
            part = "extensions"
            check_extensions(definition.extensions, rules)
    except Invalid as error:
        error.within(part)
        raise
    if (type_ := definition.type) is not UNSET and not formats.iri(type_):
        raise Invalid("type", f"{shown(type_)} is not {formats.IRI}")
    if (more_info := definition.more_info) is not UNSET and not formats.iri(more_info):
        raise Invalid("moreInfo", f"{shown(more_info)} is not an IRL with a scheme (https://…)")
    if _is_interaction(definition):
        _check_interaction(definition)


def _is_interaction(definition: ActivityDefinition) -> bool:
    # Most are none, and to go through all the lists would be nearly half of what there is to check of them.
    return not (
        definition.interaction_type is UNSET
        and definition.correct_responses_pattern is UNSET
        and definition.choices is UNSET
        and definition.scale is UNSET
        and definition.source is UNSET
        and definition.target is UNSET
        and definition.steps is UNSET
    )


def component_lists(
    definition: ActivityDefinition,
) -> tuple[tuple[str, list[InteractionComponent] | UnsetType], ...]:
    """Name each list of components an interaction may have."""
    return (
        ("choices", definition.choices),
        ("scale", definition.scale),
        ("source", definition.source),
        ("target", definition.target),
        ("steps", definition.steps),
    )


def _is_set(components: list[InteractionComponent] | UnsetType) -> TypeGuard[list[InteractionComponent]]:
    return components is not UNSET


def _check_interaction(definition: ActivityDefinition) -> None:
    """Check that what belongs to an interaction has a type, and components have ids of their own.

    Which list goes with which type isn't enforced: the specification leaves it open (2.4.4.1, MAY), and authoring
    tools do send choices with true-false.
    """
    if definition.interaction_type is UNSET and definition.correct_responses_pattern is not UNSET:
        raise Invalid("interactionType", "is required with correctResponsesPattern")
    for name, components in component_lists(definition):
        if not _is_set(components):
            continue
        if definition.interaction_type is UNSET:
            raise Invalid("interactionType", f"is required with {name}")
        seen: set[str] = set()
        for place, component in enumerate(components):
            if component.id in seen:
                raise Invalid(f"{name}[{place}].id", f"{shown(component.id)} occurs twice: ids in a list must differ")
            seen.add(component.id)
            if component.description is not UNSET:
                try:
                    check_language_map(component.description)
                except Invalid as error:
                    error.within(f"{name}[{place}].description")
                    raise
