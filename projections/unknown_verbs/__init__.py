"""Which verbs no meaning is known for, and how often they come: so that someone can map them."""

from projections.projection import Projection, Table
from projections.unknown_verbs.fold import UnknownVerbs, fold
from projections.unknown_verbs.rows import rows

PROJECTION = Projection(
    name="unknown_verbs",
    version=1,
    state=UnknownVerbs,
    fold=fold,
    rows=rows,
    tables=(
        Table(
            name="unknown_verbs",
            columns=("learner", "verb", "activity_type", "statements", "first_seen", "last_seen", "examples"),
            types=("uuid", "text", "text", "bigint", "timestamptz", "timestamptz", "uuid[]"),
            key=("verb", "activity_type"),
        ),
    ),
)

__all__ = ["PROJECTION"]
