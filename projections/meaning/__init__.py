"""What statements mean for learning: a vocabulary that is data, and the classification that goes by it."""

from projections.meaning.act import classify
from projections.meaning.glance import Glance, glance
from projections.meaning.vocabulary import Vocabulary

VERSION = 1
"""Raised when the shipped vocabulary or the classification changes: what was folded before is then folded anew."""

__all__ = ["VERSION", "Glance", "Vocabulary", "classify", "glance"]
