"""Follow-up: what should follow a completed training, and whether it does."""

from projections.follow_up.fold import State, fold
from projections.follow_up.rows import PLANS, STEPS, Remembering, rows
from projections.projection import Projection

PROJECTION = Projection("follow_up", 1, State, fold, rows, (PLANS, STEPS), Remembering)

__all__ = ["PROJECTION"]
