"""Words to tell what learners did, and what should be said of it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from projections.streaks import PROJECTION
from projections.streaks.fold import Rhythm
from schemas.act import ActKind, LearningAct
from schemas.organisation import Period, Person
from schemas.policy import Policy, RhythmRule

ANN = UUID(int=0xA)
BOB = UUID(int=0xB)
MONDAY = date(2026, 1, 5)
"""In the second week of a quarter: eleven more follow in it."""
AMSTERDAM = "Europe/Amsterdam"
_positions = count(1)
_LETTERS = {"active": "a", "rest": "r", "free": "f", "repaired": "p", "missed": "m"}


def position_of(position: int) -> UUID:
    """The id of the statement at a position."""
    return uuid5(ANN, str(position))


def act(
    at: datetime,
    kind: ActKind = ActKind.COMPLETED,
    actor: UUID = ANN,
    position: int = 0,
    concerns: tuple[UUID, ...] = (),
) -> LearningAct:
    """An act; without a position it is the next of the log."""
    position = position or next(_positions)
    return LearningAct(
        statement=position_of(position),
        position=position,
        at=at.astimezone(UTC),
        stored=datetime(2026, 6, 1, tzinfo=UTC),
        kind=kind,
        actor=actor,
        concerns=concerns,
    )


def at(local: str, zone: str = AMSTERDAM) -> datetime:
    """A moment by the clock on the wall."""
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone))


def rule(**more: Any) -> RhythmRule:
    """A rule without free weeks and repairs unless told."""
    return RhythmRule(**{"free_weeks_a_quarter": 0, "repairs_a_quarter": 0, **more})


def state_of(acts: Iterable[LearningAct], learner: UUID = ANN) -> Rhythm:
    """What is remembered of acts."""
    state = PROJECTION.state()
    for one in acts:
        state = PROJECTION.fold(state, learner, one)
    return state


class Row(NamedTuple):
    """A row of ``streaks_weeks``."""

    learner: UUID
    week: date
    begins: datetime
    until: datetime | None
    zone: str
    acts: int
    days: int
    state: str
    standing: str
    current: int
    longest: int
    began: date | None
    latest: date | None
    repair: int
    lost: int
    evidence: list[UUID]
    changed: int


def rows_of(acts: Sequence[LearningAct], policy: Policy | None = None, person: Person | None = None) -> list[Row]:
    """Ann's rows: the same whatever the order of the acts."""
    policy = policy or Policy()
    rows = PROJECTION.rows(state_of(acts), ANN, policy, person)
    assert rows == PROJECTION.rows(state_of(reversed(acts)), ANN, policy, person)
    return [Row(*row) for row in rows["streaks_weeks"]]


def on(rows: Sequence[Row], week: date) -> Row:
    """The row that holds in a week."""
    return [row for row in rows if row.week <= week][-1]


class Told(NamedTuple):
    """What was said of each week of a story, one after the other."""

    states: str
    """a(ctive), r(est), f(ree), (re)p(aired), m(issed)."""
    standings: str
    """r(unning), a(t risk), b(roken), n(one): while the week lasts."""
    current: list[int]
    longest: int
    rows: list[Row]


def told(story: str, rhythm: RhythmRule, start: date = MONDAY, holidays: tuple[str, ...] = ()) -> Told:
    """Tell a story of weeks: a digit for so many acts, ``.`` for none, ``r`` for leave."""
    acts, leave = [], []
    for number, letter in enumerate(story):
        week = start + timedelta(weeks=number)
        if letter == "r":
            leave.append(Period(week, week + timedelta(days=4)))
        elif letter != ".":
            noon = datetime(week.year, week.month, week.day, 11, tzinfo=UTC) + timedelta(days=2)
            acts += [act(noon + timedelta(minutes=minute)) for minute in range(int(letter))]
    person = Person(id=ANN, leave=tuple(leave))
    rows = rows_of(acts, Policy(rhythm=rhythm, holidays=holidays), person)
    weeks = [on(rows, start + timedelta(weeks=number)) for number in range(len(story))]
    return Told(
        "".join(_LETTERS[row.state] for row in weeks),
        "".join(row.standing[0] for row in weeks),
        [row.current for row in weeks],
        weeks[-1].longest,
        rows,
    )
