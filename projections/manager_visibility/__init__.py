"""Manager visibility: whether managers give the example, as their teams could see it."""

from projections.manager_visibility.fold import State, fold
from projections.manager_visibility.rows import Remembering, rows
from projections.manager_visibility.tables import ACTS, CHECK_INS, DONE, WEEKS
from projections.projection import Projection

PROJECTION = Projection("manager_visibility", 1, State, fold, rows, (ACTS, WEEKS, CHECK_INS, DONE), Remembering)

__all__ = ["PROJECTION"]
