"""``/unknown-verbs``: verbs that no meaning is known for, so that someone can map them."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from litestar.openapi.spec import OpenAPIFormat
from msgspec import Meta, Struct

from lrs.documentation import Field
from lrs.insights.question import Question
from lrs.insights.reading import Found, Reading
from projections.unknown_verbs import read

_WITHHELD: Final = "Whether count and times are withheld: fewer people than the policy allows used it, and you see none"


class UnknownVerb(Struct, frozen=True, kw_only=True):
    """A verb that the vocabulary doesn't know, with one type of activity."""

    verb: str
    activity_type: Annotated[str, Meta(description="Empty if the activity has none or the object is no activity")]
    withheld: Annotated[bool, Meta(description=_WITHHELD)]
    statements: int | None
    first_seen: datetime | None
    last_seen: datetime | None
    examples: Annotated[tuple[UUID, ...], Meta(description="Statements to look at, for who may see persons")]


def _list(question: Question) -> Found:
    asked = question.asked
    learners = question.everybody()
    question.travel("unknown_verbs", learners)
    persons = question.caller.sees_persons
    query = read.Query(
        learners=learners,
        verb=asked.text("verb"),
        seen_since=asked.moment("seen_since"),
        least=0 if persons else question.policy.smallest_group,
        # That one is there, or not, would say when it was seen.
        few=persons or not question.hushed("seen_since"),
    )
    found = read.unknown_verbs(question.cursor, query, after=question.after, limit=asked.limit + 1)
    page = found[: asked.limit]
    items = [_verb(one, shown=one.people >= query.least, persons=persons) for one in page]
    return Found(items, read.place(page[-1], query) if len(found) > asked.limit else None)


def _verb(found: read.UnknownVerb, *, shown: bool, persons: bool) -> UnknownVerb:
    return UnknownVerb(
        verb=found.verb,
        activity_type=found.activity_type,
        withheld=not shown,
        statements=found.statements if shown else None,
        first_seen=found.first_seen if shown else None,
        last_seen=found.last_seen if shown else None,
        examples=tuple(found.examples) if persons else (),
    )


LIST = Reading(
    name="unknown-verbs",
    path="/unknown-verbs",
    summary="List unknown verbs",
    description=(
        "Verbs of statements that the store's vocabulary gives no meaning, those with most statements first. To who "
        "may not see persons, count and times of verbs that fewer people than the policy's `smallest_group` used are "
        "withheld; such verbs come last, and with `seen_since` or `as_of` they are left out."
    ),
    item=UnknownVerb,
    read=_list,
    about="figures",
    projections=("unknown_verbs",),
    fields={
        "verb": Field("IRI of the verb."),
        "seen_since": Field("Only verbs seen at this moment or later.", format=OpenAPIFormat.DATE_TIME),
    },
)
