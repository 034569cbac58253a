"""The configuration of a store at a position: organisation, policy and vocabulary."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from msgspec import json

from projections.meaning import Vocabulary
from schemas.message import Message
from schemas.organisation import Organisation, OrganisationChange, Person
from schemas.policy import Policy
from schemas.vocabulary import VocabularyChange

_organisation_change = json.Decoder(OrganisationChange).decode
_policy = json.Decoder(Policy).decode
_vocabulary_change = json.Decoder(VocabularyChange).decode

MEANING = ("policy", "vocabulary")
"""Kinds of messages that change what statements mean: tables change with them by a rebuild only."""


class People:
    """Who is who in an organisation: which learners are one person."""

    def __init__(self, organisation: Organisation) -> None:
        self.known = organisation.people
        # In a fixed order: should two persons claim one learner, the outcome depends on the organisation alone.
        self.linked = {
            learner: person.id
            for _, person in sorted(organisation.people.items())
            for learner in (person.id, *person.learners)
        }

    def person_of(self, learner: UUID) -> UUID:
        """Give the person a learner is; somebody the organisation doesn't know is a person of their own."""
        return self.linked.get(learner, learner)

    def learners_of(self, person: UUID) -> set[UUID]:
        """Give all learners that are this person; none if it is nobody of its own (any more)."""
        known = self.known.get(person)
        candidates = {person, *known.learners} if known else {person}
        return {learner for learner in candidates if self.person_of(learner) == person}

    def get(self, person: UUID) -> Person | None:
        """Give what the organisation knows of a person."""
        return self.known.get(person)

    def changed_since(self, before: "People") -> tuple[set[UUID], set[UUID]]:
        """Give the persons who are other learners than before, and those of whom other things are known."""
        ids = self.known.keys() | before.known.keys()
        otherwise = {person for person in ids if self.known.get(person) != before.known.get(person)}
        learners = self.linked.keys() | before.linked.keys()
        moved = [learner for learner in learners if self.person_of(learner) != before.person_of(learner)]
        linked = {people.person_of(learner) for learner in moved for people in (self, before)}
        return linked, otherwise - linked


class Configuration(NamedTuple):
    """What decides what statements mean, besides the statements."""

    organisation: Organisation
    policy: Policy
    vocabulary: Vocabulary
    meaning: int
    """Position of the last policy or vocabulary event in it; 0: as shipped."""
    people: People

    @classmethod
    def shipped(cls) -> "Configuration":
        """Give what a store has before anything is configured."""
        nobody = Organisation()
        return cls(nobody, Policy(), Vocabulary.shipped(), 0, People(nobody))

    def after(self, messages: Iterable[Message], *, meaning: int | None = None) -> "Configuration":
        """Give the configuration after these messages, in order; statements among them don't matter.

        Policy and vocabulary count up to the position ``meaning``; None: all of them.
        """
        organisation, policy, vocabulary, reached = self.organisation, self.policy, self.vocabulary, self.meaning
        for message in messages:
            if message.kind == "organisation":
                organisation = organisation.after(_organisation_change(message.change))
            elif message.kind in MEANING and (meaning is None or message.position <= meaning):
                reached = message.position
                if message.kind == "policy":
                    policy = _policy(message.change)
                else:
                    vocabulary = vocabulary.after(_vocabulary_change(message.change))
        people = self.people if organisation is self.organisation else People(organisation)
        return Configuration(organisation, policy, vocabulary, reached, people)
