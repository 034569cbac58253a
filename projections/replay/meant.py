"""What statements mean for learning, given which of them are voided and whom they refer to."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from projections.meaning import Glance, classify, glance
from projections.replay.configuration import Configuration
from schemas.act import LearningAct
from schemas.message import Message

_NOTHING = Glance(voids=None, refers=())


def look(message: Message) -> Glance:
    """Look at a message for references; configuration has none, and what was forgotten only voids."""
    if message.statement:
        return glance(message)
    return _NOTHING if message.voids is None else Glance(voids=message.voids, refers=())


def targets(seen: Glance) -> set[UUID]:
    """Give all statements that one points at."""
    return {*seen.refers, *([seen.voids] if seen.voids else [])}


class References:
    """Who points at whom among statements: which are voided, and whose the ones referred to are."""

    def __init__(self) -> None:
        self._glances: dict[UUID, Glance] = {}
        self._learners: dict[UUID, UUID] = {}
        self._voided: set[UUID] = set()

    def add(self, messages: Iterable[Message]) -> None:
        """Take statements in, in any order."""
        for message in messages:
            if message.kind != "statement" or message.id in self._glances:
                continue
            seen = self._glances[message.id] = look(message)
            # Who points at a statement that was forgotten points at nobody.
            if message.learner is not None and message.statement:
                self._learners[message.id] = message.learner
            if seen.voids is not None:
                self._voided.add(seen.voids)

    def __contains__(self, statement: UUID) -> bool:
        return statement in self._glances

    def glance(self, statement: UUID) -> Glance:
        """Give what was seen of a statement that was taken in."""
        return self._glances[statement]

    def unknown(self) -> set[UUID]:
        """Give the statements that are pointed at and weren't taken in."""
        return {target for seen in self._glances.values() for target in targets(seen)} - self._glances.keys()

    def is_voided(self, statement: UUID) -> bool:
        """Whether a statement is voided. One that voids can't be (1.0.3 Data 2.3.2)."""
        return statement in self._voided and self._glances[statement].voids is None

    def is_taken_back(self, statement: UUID) -> bool:
        """Whether a statement was taken in and is voided."""
        return statement in self._glances and self.is_voided(statement)

    def referred(self, statement: UUID) -> list[UUID]:
        """Give the learners whose statements this one refers to, as far as those are taken in."""
        return [self._learners[target] for target in self._glances[statement].refers if target in self._learners]


class Meant(NamedTuple):
    """A statement as far as it counts."""

    message: Message
    act: LearningAct | None
    """None: it is no learning act, or it broke the classification."""
    touched: tuple[UUID, ...]
    """The persons into whose states it is folded, each once."""
    error: Exception | None = None
    """What classifying it raised: then it breaks the fold of all who might be touched."""

    def understood(self) -> LearningAct:
        """Give the act; raises what classifying it raised."""
        if self.act is None:
            raise self.error or LookupError("no learning act")
        return self.act


def meant(message: Message, references: References, configuration: Configuration) -> Meant | None:
    """Classify a statement as if it weren't voided; None if it is no learning act."""
    if not message.statement:
        return None
    person_of = configuration.people.person_of
    referred = references.referred(message.id)
    try:
        act = classify(message, configuration.vocabulary, person_of, referred)
    except Exception as error:  # whatever it is, it is one statement's
        learners = [*([message.learner] if message.learner else []), *message.people, *referred]
        return Meant(message, None, tuple(dict.fromkeys(map(person_of, learners))), error)
    if act is None:
        return None
    return Meant(message, act, tuple(dict.fromkeys((act.actor, *act.concerns))))
