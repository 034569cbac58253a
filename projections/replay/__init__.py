"""What "tables = F(log)" means: the one place, used live, in a rebuild, to verify and to read as of a moment.

F takes all statements up to a position, without the voided ones; classifies each under a policy and vocabulary, with
the learners whose statements it refers to; folds it into the state of every person it touches, after linking; and makes
the rows of each person's state, policy and place in the organisation. Who ends up as somebody without acts has no rows;
neither has who has an act that breaks the fold: they are parked.
"""

from projections.replay.batch import Batch, Log, effective, meant_of, parts, read_batch, refolded
from projections.replay.configuration import Configuration
from projections.replay.fold import Broken, Folded, fold, rows_of
from projections.replay.meant import Meant, References, meant

__all__ = [
    "Batch",
    "Broken",
    "Configuration",
    "Folded",
    "Log",
    "Meant",
    "References",
    "effective",
    "fold",
    "meant",
    "meant_of",
    "parts",
    "read_batch",
    "refolded",
    "rows_of",
]
