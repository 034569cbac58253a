"""Statements as the stream carries them, and what they mean."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from msgspec import Raw

from lrs.statement import join, prepare, with_stored
from projections.meaning import Vocabulary, classify
from schemas.act import LearningAct
from schemas.message import Message
from tests.statement.given import AUTHORITY, parsed

STORED = datetime(2026, 3, 2, 9, 30, 0, 5000, tzinfo=UTC)
PEOPLE = UUID("6b0c0b3e-5d0b-4d35-9d6f-0d8f7a3f7a11")
ADL = "http://adlnet.gov/expapi/verbs/"
TYPES = "http://adlnet.gov/expapi/activities/"
OURS = "https://w3id.org/vliegwiel/xapi"
SHIPPED = Vocabulary.shipped()


def learner(identity: str) -> UUID:
    """Give the learner with an identity, as a store would: always the same one."""
    return uuid5(PEOPLE, identity)


def a_message(statement: dict[str, Any], position: int = 7) -> Message:
    """Give a statement as it stands in the stream, after all that the LRS does to it."""
    done = prepare(parsed(statement), authority=AUTHORITY, version="2.0.0")
    text = join(done.text, [mention.text for mention in done.mentions])
    return Message(
        store="default",
        position=position,
        previous=position - 1,
        stored=STORED,
        kind="statement",
        id=done.id,
        learner=learner(done.actor),
        people=tuple(dict.fromkeys(learner(mention.identity) for mention in done.mentions)),
        statement=Raw(with_stored(text, "2026-03-02T09:30:00.005Z")),
    )


def itself(one: UUID) -> UUID:
    """Nobody is linked to anybody."""
    return one


def meant(statement: dict[str, Any], vocabulary: Vocabulary = SHIPPED) -> LearningAct | None:
    """Classify a statement."""
    return classify(a_message(statement), vocabulary, itself, ())


def act_of(statement: dict[str, Any], vocabulary: Vocabulary = SHIPPED) -> LearningAct:
    """Classify a statement that is an act."""
    act = meant(statement, vocabulary)
    assert act is not None, json.dumps(statement)
    return act
