"""The meanings of verbs that a store adds to the shipped vocabulary."""

from typing import ClassVar

from eventsourcing.domain import AggregateEvent
from eventsourcing.utils import register_topic
from msgspec import json

from lrs.configuration.configured import Configured
from schemas.configuration_event import VOCABULARY_CHANGED
from schemas.vocabulary import VerbMeaning, VocabularyChange

_decode = json.Decoder(VocabularyChange).decode
Meanings = dict[tuple[str, tuple[str, ...]], VerbMeaning]
"""Meanings by verb and activity types."""


class StoreVocabulary(Configured):
    """The store's own part of the vocabulary."""

    topic = VOCABULARY_CHANGED

    class Changed(AggregateEvent):
        """Meanings came or went."""

        TOPIC: ClassVar[str] = VOCABULARY_CHANGED

        change: str
        by: str
        why: str

        def apply(self, aggregate: "StoreVocabulary") -> None:
            """Take it over."""
            aggregate.meanings = after(aggregate.meanings, _decode(self.change))

    def begin(self) -> None:
        """Begin with nothing of its own."""
        self.meanings: Meanings = {}

    def change(self, change: VocabularyChange, *, by: str, why: str) -> bool:
        """Change meanings; gives whether that changes anything."""
        if after(self.meanings, change) == self.meanings:
            return False
        self.trigger_event(self.Changed, change=json.encode(change).decode(), by=by, why=why)
        return True


def after(meanings: Meanings, change: VocabularyChange) -> Meanings:
    """Give the meanings after a change: verbs are taken back first, then meanings added or replaced."""
    kept = {key: meaning for key, meaning in meanings.items() if meaning.verb not in change.removed}
    return kept | {(meaning.verb, meaning.types): meaning for meaning in change.meanings}


register_topic(VOCABULARY_CHANGED, StoreVocabulary.Changed)
