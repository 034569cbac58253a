"""Streaks: the weekly rhythm of a learner."""

from projections.projection import Projection, Table
from projections.streaks.fold import Rhythm, fold
from projections.streaks.rows import Remembering, rows

PROJECTION = Projection(
    name="streaks",
    version=1,
    state=Rhythm,
    fold=fold,
    rows=rows,
    tables=(
        Table(
            name="streaks_weeks",
            columns=(
                "learner",
                "week",
                "begins",
                "until",
                "zone",
                "acts",
                "days",
                "state",
                "standing",
                "current",
                "longest",
                "began",
                "latest",
                "repair",
                "lost",
                "evidence",
                "changed",
            ),
            types=(
                "uuid",
                "date",
                "timestamptz",
                "timestamptz",
                "text",
                "int4",
                "int2",
                "text",
                "text",
                "int4",
                "int4",
                "date",
                "date",
                "int4",
                "int4",
                "uuid[]",
                "int8",
            ),
            key=("week",),
        ),
    ),
    remembering=Remembering,
)
