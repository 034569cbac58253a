"""Classifies a statement: what it means for learning."""

from collections.abc import Callable, Collection
from itertools import chain
from uuid import UUID

from projections.meaning import values
from projections.meaning.shipped import sources
from projections.meaning.statement import Activity, Context, Extensions, Result, Statement, decode
from projections.meaning.vocabulary import Vocabulary
from schemas.act import ActKind, LearningAct, Source
from schemas.message import Message
from schemas.vocabulary import VerbMeaning

_NO_RESULT = Result()
_NO_CONTEXT = Context()
_NO_EXTENSIONS = Extensions()
_SEEN_BY_OTHERS = {"team", "organisation", "everyone"}
"""Values of our extension ``audience`` that mean colleagues can see it; ``self`` and ``manager`` don't."""
_SOURCE_OF_KIND = {
    ActKind.APPLIED: Source.ON_THE_JOB,
    ActKind.SHARED: Source.COLLEAGUES,
    ActKind.CHECKED_IN: Source.COLLEAGUES,
    ActKind.COACHED: Source.COLLEAGUES,
    ActKind.LIKED: Source.COLLEAGUES,
    ActKind.ASKED: Source.COLLEAGUES,
}
"""Where acts happen by their nature, whatever they are about."""
_SOURCE_OF_WORD = {source.value: source for source in Source}


def classify(
    message: Message, vocabulary: Vocabulary, person_of: Callable[[UUID], UUID], referred: Collection[UUID]
) -> LearningAct | None:
    """Tell what a statement means for learning; None if it means nothing (voiding, logging in, a forgotten actor).

    ``person_of`` gives the person a learner is, after linking; ``referred`` are the learners of the statements this one
    points at. Everybody mentioned in the statement is concerned: object, members of a group, instructor, team and the
    rest of the context; its authority isn't. A verb without meaning gives an act of kind ``UNKNOWN``.

    What takes more than one statement to know is for folds: that a statement was voided, or that somebody tries again
    (``RETRIED`` only if a verb says so). Raises nothing for a statement that has been checked.
    """
    if message.learner is None or not message.statement:
        return None
    statement = decode(message.statement)
    object_ = statement.object
    kind_of_object = object_.object_type
    meaning = entry(statement, vocabulary)
    if kind_of_object == "Activity":
        activity, type_ = object_.id, object_.definition.type
    else:
        activity = type_ = ""
        # A SubStatement isn't asserted: the outer verb says what was done (planned, assigned), about its object.
        if (inner := object_.object) is not None and inner.object_type == "Activity":
            activity, type_ = inner.id, inner.definition.type
    result = statement.result or _NO_RESULT
    if meaning is None:
        kind = ActKind.UNKNOWN
    elif meaning.kind is None:
        return None
    else:
        kind = _by_result(meaning.kind, result)
    context = statement.context or _NO_CONTEXT
    extensions = context.extensions or _NO_EXTENSIONS
    around = context.context_activities
    within: tuple[Activity, ...] = ()
    if around is not None:
        within = around.parent + around.grouping + around.category + around.other
    actor = person_of(message.learner)
    concerns: tuple[UUID, ...] = ()
    if message.people or referred:
        concerns = tuple(sorted({person_of(other) for other in chain(message.people, referred)} - {actor}))
    return LearningAct(
        statement=message.id,
        position=message.position,
        at=values.moment(statement.timestamp, message.stored),
        stored=message.stored,
        kind=kind,
        verb=statement.verb.id,
        actor=actor,
        concerns=concerns,
        activity=activity,
        activity_type=type_,
        within=tuple(dict.fromkeys([one.id for one in within if one.id != activity])),
        registration=context.registration,
        refers=refers(statement),
        follows=values.word(extensions.follows),
        seconds=values.seconds(result.duration) if result.duration else None,
        success=result.success,
        completion=result.completion,
        score=values.scaled(result.score),
        visible=_visible(kind, values.word(extensions.audience)),
        source=_source(kind, type_ if kind_of_object in _ABOUT_ACTIVITIES else kind_of_object, within, extensions),
    )


def entry(statement: Statement, vocabulary: Vocabulary) -> VerbMeaning | None:
    """Give the entry of the vocabulary that a statement is read by; None if its verb has no meaning."""
    object_ = statement.object
    kind = object_.object_type
    return vocabulary.meaning(statement.verb.id, object_.definition.type if kind == "Activity" else kind)


def refers(statement: Statement) -> tuple[UUID, ...]:
    """Give the statements it points at: by its object, then by its context; each once."""
    context = statement.context
    found = () if context is None or context.statement is None else (context.statement.id,)
    if statement.object.object_type != "StatementRef":
        return found
    return tuple(dict.fromkeys((UUID(statement.object.id), *found)))


_ABOUT_ACTIVITIES = ("Activity", "SubStatement")


def _by_result(kind: ActKind, result: Result) -> ActKind:
    """Correct what the verb says by the result, as tools report the outcome of an attempt with various verbs.

    Completed without success is failed. Completion with a score or success is the outcome of a whole attempt, also
    where a session begins or ends with it (SCORM wrappers: ``terminated``; Captivate: ``attempted``). Completion alone
    isn't: slides have that, and courses that are opened again.
    """
    has_outcome = result.completion and (result.success is not None or result.score is not None)
    if has_outcome and kind in {ActKind.STARTED, ActKind.PROGRESSED}:
        kind = ActKind.COMPLETED
    if result.success is False and kind in {ActKind.COMPLETED, ActKind.PASSED}:
        return ActKind.FAILED
    return kind


def _visible(kind: ActKind, audience: str) -> bool:
    return audience in _SEEN_BY_OTHERS if audience else kind is ActKind.SHARED


def _source(kind: ActKind, type_: str, within: tuple[Activity, ...], extensions: Extensions) -> Source:
    """Tell where it happened: as the statement says, by what was done, by what it belongs to, by what it is about."""
    said = _SOURCE_OF_WORD.get(values.word(extensions.source)) or _SOURCE_OF_KIND.get(kind)
    if said is not None:
        return said
    known = sources()
    for activity in within:
        if Source.COURSE in (known.get(activity.definition.type), known.get(activity.id)):
            return Source.COURSE
    return known.get(type_, Source.UNKNOWN)
