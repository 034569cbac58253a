"""``/statements/{id}``: the statement behind a figure."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Raw, Struct

from lrs import sql
from lrs.insights.question import Question
from lrs.insights.reading import Reading

_queries = sql.load(__package__)
_LAST = 2**63 - 1


class Evidence(Struct, frozen=True, kw_only=True):
    """A statement, and where it stands in the log."""

    id: UUID
    position: int
    stored: datetime
    voided: Annotated[bool, Meta(description="Whether it has been voided since, and is evidence of nothing any more")]
    statement: Annotated[Raw, Meta(description="As it was stored")]
    xapi: Annotated[str, Meta(description="Where programs with the scope statements/read find it")]


def _one(question: Question) -> Evidence | None:
    position = question.moment.position or _LAST
    found = question.store.log.of(question.cursor, [question.path["statement"]], position)
    if not found or not found[0].statement:
        return None
    message = found[0]
    if not question.caller.opens_evidence and message.learner not in question.sight.mine:
        # Whether there is such a statement is nobody's business either.
        return None
    voided = bool(sql.one(question.cursor.execute(_queries.is_voided, {"id": message.id}))[0])
    question.given.update([*([] if message.learner is None else [message.learner]), *message.people])
    base = question.asked.path.partition("/insights/")[0]
    return Evidence(
        id=message.id,
        position=message.position,
        stored=message.stored,
        voided=voided,
        statement=message.statement,
        xapi=f"{base}/xapi/statements?{'voidedStatementId' if voided else 'statementId'}={message.id}",
    )


ONE = Reading(
    name="statement",
    path="/statements/{statement:uuid}",
    summary="Show a statement",
    description=(
        "The statement behind a figure. Auditors, administrators and credentials with statements/read may open any; "
        "everybody else those they are the actor of."
    ),
    item=Evidence,
    read=_one,
    many=False,
)
