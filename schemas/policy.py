"""The policy of a store: what counts as training, what should follow, what keeps a rhythm, what is visible.

The defaults work without any configuration. Days are calendar days in the learner's own time zone.
"""

from msgspec import Struct

from schemas.act import ActKind


class TrainingRule(Struct, frozen=True, kw_only=True):
    """What counts as a training: an activity of one of these types, or one of these activities.

    Parts of courses (ADL's module, cmi5's block) don't: Storyline calls each slide a module.
    """

    types: tuple[str, ...] = (
        "http://adlnet.gov/expapi/activities/course",
        "https://w3id.org/xapi/cmi5/activitytype/course",
        "http://id.tincanapi.com/activitytype/webinar",
        "http://activitystrea.ms/schema/1.0/event",
    )
    activities: tuple[str, ...] = ()
    """IRIs that count whatever their type."""
    not_activities: tuple[str, ...] = ()
    """IRIs that don't count whatever their type."""
    untyped: bool = True
    """Whether an activity whose type nobody said counts, if it was completed as a whole (not within another one)."""


class StepRule(Struct, frozen=True, kw_only=True):
    """A step that should follow a completed training."""

    name: str
    """``reflect``, ``share``, ``check-in``, ``apply``, ``repeat-7`` …"""
    kinds: tuple[ActKind, ...]
    """Which acts are evidence of it."""
    days: int
    """Due so many days after the completion."""
    opens_after: int = 0
    """Acts count from so many days after the completion (spaced repetition)."""
    due_soon: int = 3
    """It shows as due from so many days before."""
    lapses_after: int = 90
    """Not done so many days after the due day, it is lapsed: nobody is reminded for ever."""
    by_manager: bool = False
    """Whether an act by somebody else that concerns the learner is evidence too (a check-in)."""


def _steps() -> tuple[StepRule, ...]:
    practice = (ActKind.PRACTISED, ActKind.RETRIED, ActKind.PASSED, ActKind.COMPLETED)
    return (
        StepRule(name="reflect", kinds=(ActKind.REFLECTED,), days=7),
        StepRule(name="share", kinds=(ActKind.SHARED,), days=14),
        StepRule(name="check-in", kinds=(ActKind.CHECKED_IN, ActKind.COACHED), days=14, by_manager=True),
        StepRule(name="apply", kinds=(ActKind.APPLIED,), days=30),
        StepRule(name="repeat-7", kinds=practice, days=7, opens_after=1),
        StepRule(name="repeat-30", kinds=practice, days=30, opens_after=8),
        StepRule(name="repeat-90", kinds=practice, days=90, opens_after=31),
    )


class FollowUpRule(Struct, frozen=True, kw_only=True):
    """What should follow a completed training."""

    steps: tuple[StepRule, ...] = _steps()


class RhythmRule(Struct, frozen=True, kw_only=True):
    """What keeps a weekly rhythm."""

    kinds: tuple[ActKind, ...] = ()
    """Which acts count; empty: all of the learner's own acts but being assigned something."""
    acts_a_week: int = 1
    free_weeks_a_quarter: int = 2
    """Weeks without an act that don't break a streak, in each quarter of the year."""
    repair_acts: int = 2
    """So many acts in the week after a missed one repair the streak; 0: no repairs."""
    repairs_a_quarter: int = 1
    rest_days: int = 3
    """A week with at least so many days of leave or holidays is a rest week."""


class VisibilityRule(Struct, frozen=True, kw_only=True):
    """When a manager visibly learns."""

    kinds: tuple[ActKind, ...] = (ActKind.SHARED, ActKind.REFLECTED, ActKind.COACHED, ActKind.CHECKED_IN, ActKind.RATED)
    """Acts that a team can see by their nature; others if the statement marks them so."""
    visible_days: int = 30
    """Visible: an act the team could see within so many days."""
    fading_days: int = 90
    """Fading: one within so many days; invisible: none."""


class Policy(Struct, frozen=True, kw_only=True):
    """All rules of a store."""

    training: TrainingRule = TrainingRule()
    follow_up: FollowUpRule = FollowUpRule()
    rhythm: RhythmRule = RhythmRule()
    visibility: VisibilityRule = VisibilityRule()
    time_zone: str = "Europe/Amsterdam"
    """Of learners whose own isn't known (IANA name)."""
    holidays: tuple[str, ...] = ()
    """Days nobody works (ISO 8601 dates)."""
    smallest_group: int = 5
    """Figures of fewer people than this are withheld."""
