"""Telling whether two statements are the same one (1.0.3 Data 2.3.1, "Statement Comparision Requirements").

Left out of account is what the specification calls exceptions to immutability: what a record store assigns, activity
definitions, the display of verbs, how a moment is written, the order of unordered lists, upper and lower case where it
makes no difference, and durations beyond hundredths of a second (4.6). 2.0 leaves out more (IEEE 9274.1.1, 4.2): the
id, when it happened, and attachments.
"""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from msgspec import UNSET, Raw, UnsetType

from lrs.statement.actor import identity, is_identified
from lrs.statement.context import activity_lists
from lrs.statement.formats import is_leap_second, timestamp
from lrs.statement.rules import Version
from schemas.xapi import (
    Activity,
    Actor,
    Attachment,
    Context,
    ContextActivities,
    Extensions,
    LanguageMap,
    Result,
    Statement,
    StatementRef,
    SubStatement,
)

_PRECISION = timedelta(milliseconds=1)
"""A record store may round or truncate timestamps to milliseconds (4.5): less than one apart is the same moment."""
# Begins where digits begin and gives none back: however long they are, they are read once.
_SECONDS = re.compile(r"(?<![\d.,])(\d++)(?:[.,](\d++))?S\Z", re.ASCII)


def same(a: Statement, b: Statement, version: Version) -> bool:
    """Tell if two statements are the same; what only one of them has counts unless a record store may have set it."""
    if version == "1.0.3":
        if a.id is not UNSET and b.id is not UNSET and UUID(a.id) != UUID(b.id):
            return False
        if a.timestamp is not UNSET and b.timestamp is not UNSET and not _same_moment(a.timestamp, b.timestamp):
            return False
    return _event(a, version) == _event(b, version)


def _same_moment(a: str | UnsetType, b: str | UnsetType) -> bool:
    if a is UNSET or b is UNSET:
        return a is b
    return abs(timestamp(a) - timestamp(b)) < _PRECISION and is_leap_second(a) == is_leap_second(b)


def _event(event: Statement | SubStatement, version: Version) -> "_Comparable":
    attachments = event.attachments if version == "1.0.3" else UNSET
    return _Comparable(
        version,
        _actor(event.actor),
        event.verb.id,
        _object(event.object),
        _optional(event.result, _result),
        _optional(event.context, _context),
        _optional(attachments, lambda attachments: [_attachment(attachment) for attachment in attachments]),
        inner=event.object if isinstance(event.object, SubStatement) else None,
    )


class _Comparable:
    """What counts of a statement. Moments aren't in it but compared by distance, a SubStatement's too."""

    def __init__(self, version: Version, *parts: Any, inner: SubStatement | None) -> None:
        self.version = version
        self.parts = parts
        self.inner = inner

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Comparable) or self.parts != other.parts:
            return False
        if self.inner is None or other.inner is None:
            return self.inner is other.inner
        if self.version == "1.0.3" and not _same_moment(self.inner.timestamp, other.inner.timestamp):
            return False
        return _event(self.inner, self.version) == _event(other.inner, self.version)

    __hash__ = None  # type: ignore[assignment]


def _optional(value: Any, compared: Callable[[Any], Any]) -> Any:
    return None if value is UNSET else compared(value)


def _object(target: Any) -> Any:
    if isinstance(target, Activity):
        return ("Activity", target.id)
    if isinstance(target, StatementRef):
        return ("StatementRef", UUID(target.id))
    if isinstance(target, Actor):
        return _actor(target)
    return "SubStatement"


def _actor(actor: Actor) -> Any:
    """Take an Agent without objectType for an Agent, and members in any order."""
    members = sorted(repr(_actor(member)) for member in actor.member) if actor.member is not UNSET else None
    known_by = identity(actor) if is_identified(actor) else None
    return (actor.object_type or "Agent", known_by, _optional(actor.name, str), members)


def _result(result: Result) -> Any:
    score = _optional(
        result.score, lambda score: [_optional(n, _json) for n in (score.scaled, score.raw, score.min, score.max)]
    )
    return (
        score,
        _optional(result.success, bool),
        _optional(result.completion, bool),
        _optional(result.response, str),
        _optional(result.duration, _duration),
        _optional(result.extensions, _extensions),
    )


def _duration(value: str) -> str:
    """Keep the string as it is, but for its seconds: those are cut off at hundredths."""
    return _SECONDS.sub(lambda found: f"{found[1]}.{(found[2] or '')[:2].ljust(2, '0')}S", value)


def _context(context: Context) -> Any:
    return (
        _optional(context.registration, UUID),
        _optional(context.instructor, _actor),
        _optional(context.team, _actor),
        _optional(context.context_activities, _context_activities),
        _optional(context.context_agents, lambda people: [(_actor(p.agent), _set(p.relevant_types)) for p in people]),
        _optional(context.context_groups, lambda people: [(_actor(p.group), _set(p.relevant_types)) for p in people]),
        _optional(context.revision, str),
        _optional(context.platform, str),
        _optional(context.language, str.lower),
        _optional(context.statement, lambda reference: UUID(reference.id)),
        _optional(context.extensions, _extensions),
    )


def _set(values: list[str] | UnsetType) -> list[str] | None:
    return None if values is UNSET else sorted(values)


def _context_activities(around: ContextActivities) -> Any:
    """Activities around a statement are in no order, and one by itself is a list of one."""
    return [
        sorted(activity.id for activity in activities) if isinstance(activities, list) else None
        for _, activities in activity_lists(around)
    ]


def _attachment(attachment: Attachment) -> Any:
    return (
        attachment.usage_type,
        _language_map(attachment.display),
        _optional(attachment.description, _language_map),
        attachment.content_type,
        attachment.length,
        attachment.sha2.lower(),
        _optional(attachment.file_url, str),
    )


def _language_map(words: LanguageMap) -> dict[str, str]:
    return {tag.lower(): word for tag, word in words.items()}


def _extensions(extensions: Extensions) -> dict[str, Any]:
    return {key: _json(value) for key, value in extensions.items()}


def _json(raw: Raw) -> Any:
    """Read JSON for comparison: numbers by value, and never equal to true or false."""
    return _typed(json.loads(bytes(raw), parse_float=_number, parse_int=_number))


def _number(text: str) -> Decimal | tuple[str, str]:
    try:
        return Decimal(text)
    except InvalidOperation:
        # An exponent out of all range, which an extension may hold. It is no string for that.
        return ("number", text.lower())


def _typed(value: Any) -> Any:
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, list):
        return [_typed(item) for item in value]
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    return value
