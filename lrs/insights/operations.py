"""``/ingest`` and ``/refusals``: what comes in, and what is refused and why."""

from datetime import datetime
from itertools import pairwise
from typing import Annotated

from msgspec import Meta, Struct

from lrs import sql
from lrs.insights.question import Question
from lrs.insights.reading import Found, Reading, sliced
from lrs.problem import Problem

_queries = sql.load(__package__)
_HOURS = 48


class Hour(Struct, frozen=True, kw_only=True):
    """What was stored within an hour."""

    begins: datetime
    events: Annotated[int, Meta(description="Statements, and the few events that configure the store")]


class Refusal(Struct, frozen=True, kw_only=True):
    """Requests with statements that were refused for the same reason on a day (of UTC)."""

    credential: Annotated[str, Meta(description="Key of the credential that sent them")]
    status: int
    place: Annotated[str, Meta(description="Property that was wrong; empty: the request as a whole")]
    reason: Annotated[str, Meta(description="What was wrong; the values that were sent are taken out")]
    count: int
    first: datetime
    last: datetime


def _hours(question: Question) -> Found:
    if not question.caller.sees_everybody and question.caller.credential is None:
        raise Problem(403, "what comes in is for L&D, auditors and administrators")
    rows = question.cursor.execute(_queries.stored_by_hour, {"now": question.now, "hours": _HOURS}).fetchall()
    return sliced(
        question,
        [Hour(begins=begins, events=after - before) for (begins, before), (_, after) in pairwise(rows)],
    )


def _refusals(question: Question) -> Found:
    if not question.caller.opens_evidence:
        raise Problem(403, "refusals are for auditors, administrators and credentials with statements/read")
    rows = question.cursor.execute(_queries.refusals).fetchall()
    return sliced(question, [Refusal(**dict(zip(Refusal.__struct_fields__, row, strict=True))) for row in rows])


INGEST = Reading(
    name="ingest",
    path="/ingest",
    summary="Count what comes in",
    description=f"How many events were stored in each of the past {_HOURS} hours, oldest first; the last is this one.",
    item=Hour,
    about="figures",
    read=_hours,
)
REFUSALS = Reading(
    name="refusals",
    path="/refusals",
    summary="List refusals",
    description=(
        "Requests with statements that were refused, by day, credential and reason, the latest first: up to 500 of the "
        "past 30 days, some seconds late. What was sent isn't among it. For auditors, administrators and credentials "
        "with statements/read."
    ),
    item=Refusal,
    about="figures",
    read=_refusals,
)
