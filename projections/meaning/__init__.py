"""What statements mean for learning: a vocabulary that is data, and the classification that goes by it."""

from projections.meaning.act import classify
from projections.meaning.glance import Glance, glance
from projections.meaning.vocabulary import Vocabulary

__all__ = ["Glance", "Vocabulary", "classify", "glance"]
