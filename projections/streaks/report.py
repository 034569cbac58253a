"""What is told about streaks."""

from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct

from projections.streaks.streak import Standing, WeekState


class Streak(Struct, frozen=True, kw_only=True):
    """How a learner stands."""

    learner: UUID
    standing: Standing
    current: int
    """Weeks."""
    longest: int
    """Weeks."""
    began: date | None
    """Monday of the first week of the current streak."""
    latest: date | None
    """Monday of the latest active week."""
    ends: date | None
    """Monday of the week in which the streak will be broken if nothing more is learnt; None: it is, or won't be."""
    repair: int
    """So many more acts this week repair the streak that broke; 0: none do."""
    lost: int
    """Weeks of the streak that they would repair."""
    evidence: tuple[UUID, ...]
    """Of ``current``: a statement of each of its weeks, oldest first."""
    changed: int
    """Highest position in the log of the statements it rests on; 0: there are none."""


class Week(Struct, frozen=True, kw_only=True):
    """A week of a learner."""

    week: date
    """Monday."""
    state: WeekState | Literal["running"]
    """*Running* is this week, if it can still become active and nothing excuses it."""
    acts: int
    days: int
    """On how many days there were acts."""
    evidence: tuple[UUID, ...]
    """Statements of the acts, in the order of the log; of each quarter of an hour and kind of act the first five. What
    repaired a *repaired* week are those of the next active one."""


class Run(Struct, frozen=True, kw_only=True):
    """Some streak, over or not."""

    weeks: int
    """Active ones."""
    first: date
    """Monday of its first week."""
    last: date
    """Monday of its last active week."""
    evidence: tuple[UUID, ...]
    """A statement of each active week, oldest first."""


class StreakDetail(Struct, frozen=True, kw_only=True):
    """How a learner stands, and why."""

    streak: Streak
    longest: Run | None
    """The first of those that are as long; None: there never was a streak."""
    zone: str
    """IANA name of the time zone they are in."""
    weeks: tuple[Week, ...]
    """Up to 52, oldest first, from the first with an act up to this week."""


class StreakFigures(Struct, frozen=True, kw_only=True):
    """How many people stand where."""

    people: int
    """Distinct persons behind these figures."""
    running: int
    at_risk: int
    broken: int
    none: int
    median: float
    """Of everybody's current streak in weeks, 0 for those without."""


class TeamStreaks(Struct, frozen=True, kw_only=True):
    """Figures of a team, the teams under it included."""

    team: str
    figures: StreakFigures
