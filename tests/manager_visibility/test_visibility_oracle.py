"""The figures of managers against a plain reckoning of the same, in whatever organisation."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Cursor
from psycopg.rows import TupleRow

from projections.manager_visibility import read
from projections.manager_visibility.read import Query, Sort, Status
from schemas.act import ActKind, LearningAct
from tests.manager_visibility.given import ANN, BEN, FIRE, FIRST_AID, MAX, MAY, MIA, Organisation, act, completed, put
from tests.manager_visibility.reading import NOW, detail_of

_PEOPLE = (MAY, MAX, MIA, ANN, BEN)
_BEGIN = date(2026, 3, 1)
_DAYS = 100
_TEAMS = ("region", "shop", "store")


class Held(NamedTuple):
    """Somebody belongs to a team or manages it, from a day and until before another."""

    person: UUID
    team: str
    begin: int
    end: int

    def on(self, day: date) -> bool:
        return self.begin <= (day - _BEGIN).days < self.end

    def row(self) -> tuple[UUID, str, str]:
        return self.person, self.team, f"[{_day(self.begin)},{_day(self.end)})"


class World(NamedTuple):
    managements: list[Held]
    memberships: list[Held]
    acts: list[LearningAct]

    def teams(self, manager: UUID, day: date) -> set[str]:
        """Teams that somebody manages on a day."""
        return {held.team for held in self.managements if held.person == manager and held.on(day)}

    def people(self, manager: UUID, day: date) -> set[UUID]:
        """Whom somebody manages on a day; the shop and the store are part of the region."""
        teams = self.teams(manager, day)
        members = {held.person for held in self.memberships if held.team in teams and held.on(day)}
        below = {
            held.person for held in self.managements if "region" in teams and held.team != "region" and held.on(day)
        }
        return (members | below) - {manager}


def _day(number: int) -> date:
    return _BEGIN + timedelta(days=number)


_spans = st.tuples(st.integers(0, _DAYS), st.integers(0, _DAYS)).filter(lambda span: span[0] < span[1])
_held = st.builds(
    lambda person, team, span: Held(person, team, *span),
    st.sampled_from(_PEOPLE),
    st.sampled_from(_TEAMS),
    _spans | st.just((0, _DAYS)),
)
_moments = st.integers(0, (_DAYS - 9) * 4).map(
    lambda quarter: datetime.combine(_BEGIN, datetime.min.time(), UTC) + timedelta(days=quarter / 4)
)
_kinds = st.sampled_from([ActKind.SHARED, ActKind.REFLECTED, ActKind.COACHED])
_visible = st.builds(act, st.sampled_from(_PEOPLE), _moments, _kinds)
_trainings = st.builds(completed, st.sampled_from(_PEOPLE), _moments, st.sampled_from([FIRE, FIRST_AID]))
_talks = st.builds(
    lambda people, at, activity: act(people[0], at, ActKind.CHECKED_IN, activity, concerns=(people[1],)),
    st.permutations(_PEOPLE),
    _moments,
    st.sampled_from([FIRE, FIRST_AID]),
)
_worlds = st.builds(
    World,
    st.lists(_held, max_size=5, unique=True),
    st.lists(_held, max_size=7, unique=True),
    st.lists(_visible | _trainings | _talks, max_size=20),
)


def _expected_check_ins(world: World, manager: UUID) -> dict[UUID, str]:
    """How the manager stands in each check-in asked, by its completion."""
    opened: dict[tuple[UUID, str], date] = {}
    expected = {}
    for training in sorted(world.acts, key=lambda one: (one.at, one.position)):
        key, day = (training.actor, training.activity), training.at.date()
        # Completed again within ninety days is practice; the acts lie closer together than that, or nearly.
        if training.kind is not ActKind.COMPLETED or (key in opened and (day - opened[key]).days <= 90):
            continue
        opened[key] = day
        if training.actor in world.people(manager, day):
            expected[training.statement] = _stands(world, manager, training)
    return expected


def _stands(world: World, manager: UUID, training: LearningAct) -> str:
    learner, due_on = training.actor, training.at.date() + timedelta(days=14)
    talks = [
        (talk.at, talk.actor if talk.actor != learner else talk.concerns[0])
        for talk in world.acts
        if talk.kind in {ActKind.CHECKED_IN, ActKind.COACHED}
        and talk.activity == training.activity
        and learner in (talk.actor, *talk.concerns)
        and talk.at >= training.at
    ]
    own = [at.date() for at, other in talks if other == manager]
    if own:
        return "done" if min(own) <= due_on else "done late"
    others = any(learner in world.people(other, at.date()) for at, other in talks)
    if others or learner not in world.people(manager, min(due_on, NOW.date())):
        return "relieved"
    if due_on < NOW.date():
        return "overdue"
    return "due" if due_on <= NOW.date() + timedelta(days=3) else "open"


def _expected_acts(world: World, manager: UUID) -> list[LearningAct]:
    kinds = {ActKind.SHARED, ActKind.REFLECTED, ActKind.COACHED, ActKind.CHECKED_IN}
    own = [one for one in world.acts if one.actor == manager and one.kind in kinds]
    return sorted((one for one in own if world.teams(manager, one.at.date())), key=lambda one: (one.at, one.statement))


def _days_ago(one: LearningAct) -> int:
    return (NOW.date() - one.at.date()).days


def _expected_status(acts: Iterable[LearningAct]) -> Status:
    ago = min(map(_days_ago, acts), default=_DAYS)
    return Status.VISIBLE if ago <= 30 else Status.FADING if ago <= 90 else Status.INVISIBLE


@pytest.mark.timeout(120)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=_worlds)
def test_figures_are_what_a_plain_reckoning_says(cursor: Cursor[TupleRow], world: World) -> None:
    organisation = Organisation(
        teams={"region": None, "shop": "region", "store": "region"},
        managements=[held.row() for held in world.managements],
        memberships=[held.row() for held in world.memberships],
    )
    put(cursor, world.acts, organisation)
    for manager in _PEOPLE:
        if not any(held.person == manager for held in world.managements):
            assert read.detail(cursor, manager, NOW) is None
            continue
        detail, acts = detail_of(cursor, manager), _expected_acts(world, manager)
        assert {one.completion: one.status.value for one in detail.check_ins} == _expected_check_ins(world, manager)
        assert [one.statement for one in detail.acts] == [one.statement for one in acts[::-1] if _days_ago(one) <= 90]
        assert {one.statement: set(one.teams) for one in detail.acts} == {
            one.statement: world.teams(manager, one.at.date()) for one in acts if _days_ago(one) <= 90
        }
        assert (detail.manager.last and detail.manager.last.statement) == (acts[-1].statement if acts else None)
        assert detail.manager.status is _expected_status(acts)
        assert detail.manager.rhythm.people == len(world.people(manager, NOW.date()))
        assert set(detail.manager.teams) == world.teams(manager, NOW.date())
    _check_lists(cursor, world)


def _check_lists(cursor: Cursor[TupleRow], world: World) -> None:
    managing = {person for person in _PEOPLE if world.teams(person, NOW.date())}
    overdue = {person: list(_expected_check_ins(world, person).values()).count("overdue") for person in managing}
    found = [one.manager for one in read.managers(cursor, Query(sort=Sort.OVERDUE), NOW).managers]
    assert found == sorted(managing, key=lambda person: (overdue[person], person))
    statuses = [_expected_status(_expected_acts(world, person)) for person in managing]
    counted = read.organisation(cursor, NOW)
    assert (counted.managers, counted.visible, counted.fading, counted.invisible) == (
        len(managing),
        *map(statuses.count, (Status.VISIBLE, Status.FADING, Status.INVISIBLE)),
    )
