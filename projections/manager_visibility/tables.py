"""The tables of manager visibility; ``schema.sql`` says what their columns mean."""

from projections.projection import Table

ACTS = Table(
    "manager_visibility_acts",
    ("learner", "at", "statement", "day", "kind", "activity", "visible_until", "fading_until", "changed"),
    ("uuid", "timestamptz", "uuid", "date", "text", "text", "timestamptz", "timestamptz", "bigint"),
    ("at", "statement"),
)
WEEKS = Table(
    "manager_visibility_weeks",
    ("learner", "week", "active", "counts_until", "statements", "changed"),
    ("uuid", "date", "timestamptz", "timestamptz", "uuid[]", "bigint"),
    ("week",),
)
CHECK_INS = Table(
    "manager_visibility_check_ins",
    (
        "learner", "completion", "training", "at", "day", "soon", "due", "due_on", "lapses",
        "waived_at", "waived", "changed",
    ),
    (
        "uuid", "uuid", "text", "timestamptz", "date", "timestamptz", "timestamptz", "date", "timestamptz",
        "timestamptz", "uuid", "bigint",
    ),
    ("completion",),
)  # fmt: skip
DONE = Table(
    "manager_visibility_done",
    ("learner", "completion", "person", "statement", "at", "day", "rule", "changed"),
    ("uuid", "uuid", "uuid", "uuid", "timestamptz", "date", "text", "bigint"),
    ("completion", "person"),
)
