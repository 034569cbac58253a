"""Where it belongs: people, activities and circumstances around a statement (1.0.3 Data 2.4.6)."""

from msgspec import UNSET, UnsetType

from lrs.errors import shown
from lrs.statement import formats
from lrs.statement.activity import check_activity
from lrs.statement.actor import check_actor, check_agent, check_group
from lrs.statement.errors import Invalid
from lrs.statement.extensions import check_extensions
from lrs.statement.rules import Rules
from schemas.xapi import Activity, Context, ContextActivities, StatementRef


def check_context(context: Context, rules: Rules, *, of_activity: bool) -> None:
    """Check a context; ``of_activity`` tells if the statement's object is an Activity."""
    part = "contextActivities"
    try:
        if context.context_activities is not UNSET:
            _check_context_activities(context.context_activities, rules)
        if context.extensions is not UNSET:
            part = "extensions"
            check_extensions(context.extensions, rules)
        if context.instructor is not UNSET:
            part = "instructor"
            check_actor(context.instructor)
        if context.team is not UNSET:
            part = "team"
            check_group(context.team)
        if context.statement is not UNSET:
            part = "statement"
            check_statement_ref(context.statement)
    except Invalid as error:
        error.within(part)
        raise
    _check_circumstances(context, of_activity=of_activity)
    if context.context_agents is not UNSET or context.context_groups is not UNSET:
        _check_context_people(context, rules)


def _check_circumstances(context: Context, *, of_activity: bool) -> None:
    if (registration := context.registration) is not UNSET and not formats.uuid(registration):
        raise Invalid("registration", f"{shown(registration)} is not a UUID in standard form")
    if (language := context.language) is not UNSET and not formats.language(language):
        raise Invalid("language", f"{shown(language)} is not a language tag of RFC 5646 (such as 'en' or 'nl-NL')")
    if not of_activity:
        if context.revision is not UNSET:
            raise Invalid("revision", "may only be used when the statement's object is an Activity")
        if context.platform is not UNSET:
            raise Invalid("platform", "may only be used when the statement's object is an Activity")


def check_statement_ref(reference: StatementRef) -> None:
    """Check a pointer to another statement; whether that one exists doesn't matter (1.0.3 Data 2.4.4.3)."""
    if not formats.uuid(reference.id):
        raise Invalid("id", f"{shown(reference.id)} is not a UUID in standard form")


def activity_lists(
    around: ContextActivities,
) -> "tuple[tuple[str, list[Activity] | Activity | UnsetType], ...]":
    """Name each list of context activities."""
    return (
        ("parent", around.parent),
        ("grouping", around.grouping),
        ("category", around.category),
        ("other", around.other),
    )


def _check_context_activities(around: ContextActivities, rules: Rules) -> None:
    for name, activities in activity_lists(around):
        # A single activity was made a list while decoding; ``explain.as_sent`` gives it the path that it came with.
        if not isinstance(activities, list):
            continue
        place = 0
        try:
            for place, activity in enumerate(activities):  # noqa: B007 the place is wanted where it went wrong
                check_activity(activity, rules)
        except Invalid as error:
            error.within(f"{name}[{place}]")
            raise


def _check_context_people(context: Context, rules: Rules) -> None:
    """Check contextAgents and contextGroups, which 2.0 added (IEEE 9274.1.1, 4.2.2)."""
    if rules.version != "2.0.0":
        name = "contextGroups" if context.context_agents is UNSET else "contextAgents"
        raise Invalid(name, f"came with xAPI 2.0: this request is version {rules.version}")
    for place, around in enumerate(context.context_agents or ()):
        try:
            check_agent(around.agent)
        except Invalid as error:
            error.within(f"contextAgents[{place}].agent")
            raise
        _check_relevant_types(around.relevant_types, f"contextAgents[{place}].relevantTypes")
    for place, group in enumerate(context.context_groups or ()):
        try:
            check_group(group.group)
        except Invalid as error:
            error.within(f"contextGroups[{place}].group")
            raise
        _check_relevant_types(group.relevant_types, f"contextGroups[{place}].relevantTypes")


def _check_relevant_types(types: list[str] | UnsetType, path: str) -> None:
    if types is UNSET:
        return
    if not types:
        raise Invalid(path, "must not be empty: name at least one type, or leave it out")
    for place, type_ in enumerate(types):
        if not formats.iri(type_):
            raise Invalid(f"{path}[{place}]", f"{shown(type_)} is not {formats.IRI}")
