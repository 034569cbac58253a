"""What manager visibility says of managers at a moment."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from schemas.act import ActKind


class Status(StrEnum):
    """How visibly a manager learns, by the last act that a team of theirs could see."""

    INVISIBLE = "invisible"
    FADING = "fading"
    VISIBLE = "visible"


class CheckInStatus(StrEnum):
    """How a manager stands in a check-in."""

    OPEN = "open"
    DUE = "due"
    """It is due soon."""
    OVERDUE = "overdue"
    DONE = "done"
    DONE_LATE = "done late"
    WAIVED = "waived"
    RELIEVED = "relieved"
    """Somebody else who managed the learner did it, or they were no longer the manager's when it was due."""


class Act(Struct, frozen=True, kw_only=True):
    """An act of a manager that teams could see."""

    statement: UUID
    at: datetime
    kind: ActKind
    activity: str
    """IRI; empty if its object is none."""
    teams: tuple[str, ...]
    """Those they managed that day."""
    recent: bool
    """Whether it makes them visible now."""
    changed: int


class Acts(Struct, frozen=True, kw_only=True):
    """How many acts teams could see, and of what kind."""

    acts: int
    shares: int
    reflections: int
    coaching: int
    """Check-ins included."""


class CheckIn(Struct, frozen=True, kw_only=True):
    """A check-in that a report's completed training asks of a manager."""

    learner: UUID
    completion: UUID
    """Statement of the completion."""
    training: str
    completed: datetime
    due: datetime
    """The end of the day it is due, where the learner is."""
    status: CheckInStatus
    statement: UUID | None
    """The check-in or waiver that decided; None: none did."""
    at: datetime | None
    """When that was."""
    rule: str | None
    """How it is known to be about the training: ``reference``, ``registration``, ``context``, ``activity`` or
    ``follows``; None of a waiver."""
    by: UUID | None
    """Who managed the learner and had the check-in: the manager, or who relieved them."""
    teams: tuple[str, ...]
    """Of this manager's, those that the learner was in when they completed the training."""
    changed: int


class CheckIns(Struct, frozen=True, kw_only=True):
    """How many check-ins there are, by status: those that haven't lapsed, done ones as long."""

    open: int
    due: int
    overdue: int
    done: int
    done_late: int
    waived: int
    relieved: int


class Rhythm(Struct, frozen=True, kw_only=True):
    """How regularly a manager learns, against their team."""

    weeks: int
    """Active weeks of the last ``of``, the current one included."""
    of: int
    team_median: float | None
    """The same of the team's people today, without the manager; None: there are none."""
    people: int
    """How many distinct people the median is of; withhold it if they are few."""


class Figures(Struct, frozen=True, kw_only=True):
    """A manager's figures."""

    status: Status
    last: Act | None
    """The last one that teams could see, however long ago."""
    recent: Acts
    """Within the policy's ``visible_days``."""
    longer: Acts
    """Within the policy's ``fading_days``."""
    check_ins: CheckIns
    rhythm: Rhythm
    changed: int
    """Highest position in the log among statements that these rest on, the team's median left aside; 0: none."""


class Manager(Figures, frozen=True, kw_only=True):
    """A manager's figures, as all teams they managed could see, or for one team alone."""

    manager: UUID
    teams: tuple[str, ...]
    """Those they manage today; or the one."""


class Week(Struct, frozen=True, kw_only=True):
    """A week in which somebody was active."""

    week: date
    """Its Monday."""
    statements: tuple[UUID, ...]
    """The first acts that were enough."""


class Detail(Struct, frozen=True, kw_only=True):
    """A manager's figures and all that they rest on."""

    manager: Manager
    by_team: tuple[Manager, ...]
    """For each team they manage today, or managed when something in here happened, by team."""
    acts: tuple[Act, ...]
    """Those of ``longer``, newest first."""
    check_ins: tuple[CheckIn, ...]
    """By when they are due."""
    weeks: tuple[Week, ...]
    """The manager's own, oldest first."""
    managers: tuple[UUID, ...]
    """Who manages the manager today."""


class Shares(Struct, frozen=True, kw_only=True):
    """How many managers stand where."""

    managers: int
    visible: int
    fading: int
    invisible: int


class TeamReport(Struct, frozen=True, kw_only=True):
    """A team's managers today, and those of the teams below it."""

    team: str
    name: str
    managers: tuple[Manager, ...]
    """Figures for this team alone."""
    below: Shares
    """Managers of this team and all teams below it, each once, by all that they are."""
