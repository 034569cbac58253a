"""What a whole statement must satisfy beyond its JSON types (1.0.3 Data 2.4; IEEE 9274.1.1, 4.2)."""

import re

from msgspec import UNSET

from lrs.errors import shown
from lrs.statement import formats
from lrs.statement.activity import check_activity
from lrs.statement.actor import check_actor, check_authority
from lrs.statement.attachment import check_attachments
from lrs.statement.context import check_context, check_statement_ref
from lrs.statement.errors import Invalid, TooMuch
from lrs.statement.result import check_result
from lrs.statement.rules import Rules, Version
from lrs.statement.verb import VOIDED, check_verb
from schemas.xapi import Activity, Actor, Statement, StatementObject, StatementRef, SubStatement

_VERSIONS = {"1.0.3": ("1.0",), "2.0.0": ("1.0", "2.0")}
_PATCH = re.compile(r"(\.[0-9]+(-[0-9A-Za-z-]+)?)?")
"""The rest of a version: semantic versioning 1.0.0, as the header's (1.0.3 Communication 3.3)."""


def check_statement(statement: Statement, rules: Rules) -> None:
    """Check one statement as it came in."""
    _check_event(statement, rules)
    if (people := _people(statement)) > rules.limits.people:
        raise TooMuch("", f"mentions {people} persons and groups; this server takes {rules.limits.people} a statement")
    if (id_ := statement.id) is not UNSET and not formats.uuid(id_):
        raise Invalid("id", f"{shown(id_)} is not a UUID in standard form")
    if statement.stored is not UNSET:
        check_timestamp("stored", statement.stored, rules.version)
    if statement.version is not UNSET:
        _check_version(statement.version, rules)
    if statement.authority is not UNSET:
        try:
            check_authority(statement.authority)
        except Invalid as error:
            error.within("authority")
            raise


def _check_event(event: Statement | SubStatement, rules: Rules) -> None:
    """Check what statements and SubStatements share."""
    part = "actor"
    try:
        check_actor(event.actor)
        part = "verb"
        check_verb(event.verb)
        part = "object"
        target = event.object
        if isinstance(target, Activity):
            check_activity(target, rules)
        else:
            _check_object(target, rules)
        if event.verb.id == VOIDED and not isinstance(target, StatementRef):
            raise Invalid("", "what is voided is a statement: objectType must be 'StatementRef'")  # noqa: TRY301
        if event.result is not UNSET:
            part = "result"
            check_result(event.result, rules)
        if event.context is not UNSET:
            part = "context"
            check_context(event.context, rules, of_activity=isinstance(target, Activity))
        if event.attachments is not UNSET:
            part = "attachments"
            check_attachments(event.attachments, rules)
    except Invalid as error:
        error.within(part)
        raise
    if event.timestamp is not UNSET:
        check_timestamp("timestamp", event.timestamp, rules.version)


def _check_object(target: StatementObject, rules: Rules) -> None:
    if isinstance(target, Actor):
        check_actor(target)
    elif isinstance(target, StatementRef):
        check_statement_ref(target)
    elif isinstance(target, SubStatement):
        _check_event(target, rules)


def _people(event: Statement | SubStatement) -> int:
    """Count the persons and groups beside the actor."""
    target, context = event.object, event.context
    count = len(event.actor.member or ())
    if isinstance(target, Actor):
        count += _people_of(target)
    elif isinstance(target, SubStatement):
        count += 1 + _people(target)
    if context is not UNSET:
        if context.instructor:
            count += _people_of(context.instructor)
        if context.team:
            count += _people_of(context.team)
        if context.context_agents:
            count += sum(_people_of(one.agent) for one in context.context_agents)
        if context.context_groups:
            count += sum(_people_of(one.group) for one in context.context_groups)
    return count


def _people_of(actor: Actor) -> int:
    """Count somebody, or a group and its members."""
    return 1 + len(actor.member or ())


def check_timestamp(name: str, value: str, version: Version) -> None:
    """Check a timestamp as it comes in. Raises Invalid."""
    try:
        moment = formats.timestamp(value, version)
    except ValueError as error:
        why = f" ({error})" if error.args else ""
        raise Invalid(name, f"{shown(value)} is not {formats.TIMESTAMP[version]}{why}") from None
    # Not where timestamps are read that are stored already.
    if formats.mixes_forms(value):
        raise Invalid(name, f"{shown(value)} mixes ISO 8601's two forms: write it as 2026-03-01T09:30:00Z")
    if formats.is_leap_second(value) and not formats.may_be_leap(moment):
        raise Invalid(name, f"{shown(value)} has a second 60, which only the last minute of a month in UTC may have")


def _check_version(version: str, rules: Rules) -> None:
    """Check a statement's version: any 1.0.x, and with 2.0 also 2.0.x (1.0.3 Data 2.4.10; 2.0 4.2.4)."""
    for family in _VERSIONS[rules.version]:
        if version.startswith(family) and _PATCH.fullmatch(version, len(family)):
            return
    known = " or ".join(f"{family}.0" for family in _VERSIONS[rules.version])
    raise Invalid("version", f"{shown(version)} is not {known}, or a later patch (a number) of that")
