"""``/statements``: statements, newest first, with what each was taken to mean."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, json

from lrs import sql
from lrs.documentation import Field
from lrs.index import Query
from lrs.insights.answer import Named
from lrs.insights.filters import PERSON
from lrs.insights.question import Question, vocabulary_of
from lrs.insights.reading import Found, Reading
from projections.meaning.read import Vocabulary, classify
from schemas.act import ActKind, Source
from schemas.message import Message

_queries = sql.load(__package__)
_LAST = 2**63 - 1
_DAY = len("2026-01-31")
NOTHING = "nothing"
"""Stands for the kind of a statement that is no learning act, though its verb is known."""
KINDS = [*ActKind, NOTHING]

_OUTCOMES: dict[str, tuple[ActKind, ...]] = {
    ActKind.FAILED: (ActKind.COMPLETED, ActKind.PASSED),
    ActKind.COMPLETED: (ActKind.STARTED, ActKind.PROGRESSED),
}
"""Kinds of verbs whose statements are of another kind by their result."""


class Said(Struct, frozen=True, kw_only=True):
    """A statement in short."""

    id: UUID
    position: int
    at: Annotated[datetime, Meta(description="When it happened, as the statement says")]
    stored: datetime
    person: Annotated[Named | None, Meta(description="The actor; null: forgotten")]
    actor: Annotated[str, Meta(description="The actor's name in the statement; empty: none is given")]
    verb: str
    verb_names: Annotated[dict[str, str], Meta(description="How people call the verb, by language")]
    object: Annotated[str, Meta(description="IRI of an activity, id of a statement; empty: neither")]
    object_kind: str
    object_names: dict[str, str]
    kind: Annotated[str, Meta(description=f"The kind of learning act it was taken for; {NOTHING}: none")]
    source: Source
    visible: Annotated[bool, Meta(description="Whether colleagues could see it")]


class _Verb(Struct):
    id: str
    display: dict[str, str] = {}


class _Definition(Struct, frozen=True):
    name: dict[str, str] = {}


class _Object(Struct, rename="camel"):
    object_type: str = "Activity"
    id: str = ""
    name: str = ""
    definition: _Definition = _Definition()
    object: "_Object | None" = None


class _Actor(Struct):
    name: str = ""


class _Statement(Struct):
    actor: _Actor
    verb: _Verb
    object: _Object


_decode = json.Decoder(_Statement).decode


def in_short(question: Question, messages: Sequence[Message], vocabulary: Vocabulary) -> list[Said]:
    """Give these statements in short, in their order; those of forgotten persons are left out."""
    readable = [message for message in messages if message.statement]
    learners = {message.learner for message in readable if message.learner is not None}
    persons = question.person_of(learners)
    named = question.named(set(persons.values()))
    question.given.update(persons.values())
    found = []
    for message in readable:
        statement = _decode(message.statement)
        act = classify(message, vocabulary, lambda learner: learner, ())
        object_ = statement.object
        inner = object_.object if object_.object_type == "SubStatement" and object_.object else object_
        found.append(
            Said(
                id=message.id,
                position=message.position,
                at=message.stored if act is None else act.at,
                stored=message.stored,
                person=None if message.learner is None else named[persons[message.learner]],
                actor=statement.actor.name,
                verb=statement.verb.id,
                verb_names=statement.verb.display,
                object=inner.id,
                object_kind=object_.object_type,
                object_names=inner.definition.name or ({"und": inner.name} if inner.name else {}),
                kind=NOTHING if act is None else act.kind.value,
                source=Source.UNKNOWN if act is None else act.source,
                visible=act is not None and act.visible,
            )
        )
    return found


def _list(question: Question) -> Found:
    asked = question.asked
    vocabulary = vocabulary_of(question.cursor)
    kind = asked.choice("kind", KINDS)
    query = Query(
        people=_digests(question),
        verb=asked.text("verb"),
        verbs=None if kind is None else _verbs(vocabulary, kind),
        activity=asked.text("activity"),
        related_activities=True,
        since=_moment(question, "since"),
        until=_moment(question, "until", days=1),
        after=question.after[0] if question.after else None,
        limit=asked.limit,
    )
    page = question.store.statements.select(question.cursor, query)
    messages = question.store.log.of(question.cursor, [one.id for one in page.statements], _LAST)
    if not question.caller.opens_evidence:
        # An index by persons finds what is said about them, too.
        messages = [message for message in messages if message.learner in question.sight.mine]
    newest_first = sorted(messages, key=lambda message: -message.position)
    found = in_short(question, newest_first, vocabulary)
    # A verb means one thing with one type of activity, and another with another; and the outcome counts.
    items = [one for one in found if kind in (None, one.kind)]
    return Found(items, None if page.after is None else (page.after,))


def _moment(question: Question, name: str, days: int = 0) -> datetime | None:
    """Give a moment, or where a day begins where the store is; so many days later."""
    if len(question.asked.given.get(name, "")) != _DAY:
        return question.asked.moment(name)
    day = question.asked.day(name)
    # No day begins after the last one there is, and nothing is stored then.
    if day is None or date.max - day < timedelta(days=days):
        return None
    return datetime.combine(day + timedelta(days=days), time(), ZoneInfo(question.policy.time_zone))


def _digests(question: Question) -> list[UUID] | None:
    person = question.asked.person("person")
    if person is None and question.caller.opens_evidence:
        return None
    ids = question.sight.mine if person is None else question.ids_of(question.seen(person))
    rows = question.cursor.execute(_queries.digests_of, {"learners": list(ids)}).fetchall()
    return [digest for (digest,) in rows]


def _verbs(vocabulary: Vocabulary, kind: str) -> list[str] | None:
    """Give the verbs of which some statements are of this kind; None: it may be any."""
    if kind == ActKind.UNKNOWN:
        return None
    kinds = {None if kind == NOTHING else kind, *_OUTCOMES.get(kind, ())}
    return sorted({one.verb for one in vocabulary.meanings() if one.kind in kinds})


LIST = Reading(
    name="statements",
    path="/statements",
    summary="List statements",
    description=(
        "Statements in short, those stored last first, with the kind of learning act each is taken for. Auditors, "
        "administrators and credentials with statements/read see all; everybody else those they are the actor of. "
        "Voided ones are left out. A page may hold fewer than its limit, and there may still be a next one."
    ),
    item=Said,
    read=_list,
    fields={
        "person": PERSON,
        "kind": Field("Only with verbs that mean this kind of act.", choices=KINDS),
        "verb": Field("IRI of the verb."),
        "activity": Field("IRI of the activity, or of one it belongs to."),
        "since": Field("Stored after this moment; or on this day (where the store is) or later."),
        "until": Field("Stored at or before this moment; or on this day or before."),
    },
)
