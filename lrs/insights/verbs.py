"""``/unknown-verbs``: verbs that no meaning is known for, so that someone can map them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.openapi.spec import OpenAPIFormat
from msgspec import Meta, Struct

from lrs.documentation import Field
from lrs.insights.question import Question
from lrs.insights.reading import Found, Reading
from projections.unknown_verbs import read


class UnknownVerb(Struct, frozen=True, kw_only=True):
    """A verb that the vocabulary doesn't know, with one type of activity."""

    verb: str
    activity_type: Annotated[str, Meta(description="Empty if the activity has none or the object is no activity")]
    statements: int
    first_seen: datetime
    last_seen: datetime
    examples: Annotated[tuple[UUID, ...], Meta(description="Statements to look at, for who may see persons")]


def _list(question: Question) -> Found:
    asked = question.asked
    learners = question.everybody()
    question.travel("unknown_verbs", learners)
    query = read.Query(learners=learners, verb=asked.text("verb"), seen_since=asked.moment("seen_since"))
    after = question.after
    found = read.unknown_verbs(question.cursor, query, after=after, limit=asked.limit + 1)
    page = found[: asked.limit]
    known = [msgspec.structs.asdict(one) for one in page]
    if not question.caller.sees_persons:
        known = [{**one, "examples": ()} for one in known]
    return Found([UnknownVerb(**one) for one in known], page[-1].key if len(found) > asked.limit else None)


LIST = Reading(
    name="unknown-verbs",
    path="/unknown-verbs",
    summary="List unknown verbs",
    description="Verbs of statements that the store's vocabulary gives no meaning, those with most statements first.",
    item=UnknownVerb,
    read=_list,
    about="figures",
    projections=("unknown_verbs",),
    fields={
        "verb": Field("IRI of the verb."),
        "seen_since": Field("Only verbs seen at this moment or later.", format=OpenAPIFormat.DATE_TIME),
    },
)
