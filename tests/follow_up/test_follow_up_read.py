"""Lists of plans and single ones, on a real Postgres."""

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from psycopg import Cursor
from psycopg.rows import TupleRow

from projections.follow_up.read import Filters, Plan, Query, Sort, Status, Step, plan, plans
from schemas.act import ActKind, LearningAct
from schemas.policy import StepRule
from tests.follow_up.given import (
    ANN,
    BEN,
    FIRE,
    FIRST_AID,
    MAY,
    act,
    completed,
    day,
    moment,
    policy,
    practised,
    put,
    reflected,
    rows_of,
    waived,
)

NOW = moment("2026-06-01T00:00")
DONE = completed("2026-03-02T10:00")


def statuses(cursor: Cursor[TupleRow], acts: list[LearningAct], now: str | datetime, step: str = "reflect") -> Status:
    put(cursor, rows_of(acts))
    found = plan(cursor, ANN, acts[0].statement, moment(now) if isinstance(now, str) else now)
    assert found is not None
    return next(one.status for one in found.steps if one.name == step)


@pytest.mark.parametrize(
    ("now", "status"),
    [
        ("2026-03-02T10:00", Status.OPEN),
        ("2026-03-05T23:59:59", Status.OPEN),
        ("2026-03-06T00:00", Status.DUE),
        ("2026-03-09T23:59:59", Status.DUE),
        ("2026-03-10T00:00", Status.OVERDUE),
        ("2026-06-07T23:59:59", Status.OVERDUE),
        ("2026-06-08T00:00", Status.LAPSED),
        ("2036-06-08T00:00", Status.LAPSED),
    ],
)
def test_what_is_not_done_stands_by_the_clock(cursor: Cursor[TupleRow], now: str, status: Status) -> None:
    assert statuses(cursor, [DONE], now) is status


@pytest.mark.parametrize("now", ["2026-03-03T10:00", "2026-03-20T10:00", "2036-03-03T10:00"])
@pytest.mark.parametrize(
    ("deed", "status"),
    [
        (reflected("2026-03-09T23:59:59"), Status.DONE),
        (reflected("2026-03-10T00:00"), Status.DONE_LATE),
        (waived("2026-03-05T10:00"), Status.WAIVED),
        (waived("2026-03-15T10:00"), Status.WAIVED),
    ],
)
def test_what_was_decided_stays_so(cursor: Cursor[TupleRow], now: str, deed: LearningAct, status: Status) -> None:
    assert statuses(cursor, [DONE, deed], now) is status


def test_a_step_that_grace_of_a_year_keeps_open_is_overdue_for_a_year(cursor: Cursor[TupleRow]) -> None:
    rules = policy(
        StepRule(name="patient", kinds=(ActKind.APPLIED,), days=7, lapses_after=365),
        StepRule(name="strict", kinds=(ActKind.SHARED,), days=7, lapses_after=0),
    )
    put(cursor, rows_of([DONE], rules))
    query = Query(statuses=[Status.OVERDUE])
    (found,) = plans(cursor, query, moment("2027-03-09T00:00")).plans
    assert [step.status for step in found.steps] == [Status.OVERDUE, Status.LAPSED]
    assert plans(cursor, query, moment("2027-03-10T00:00")).plans == []


def test_a_plan_has_all_there_is_to_know(cursor: Cursor[TupleRow]) -> None:
    talk = act("2026-03-04T10:00", ActKind.CHECKED_IN, FIRE, actor=MAY, concerns=(ANN,))
    again = completed("2026-03-03T10:00")
    put(cursor, rows_of([DONE, again, talk]))
    found = plan(cursor, ANN, DONE.statement, moment("2026-03-10T00:00"))
    assert found is not None
    assert found == Plan(
        learner=ANN,
        plan=DONE.statement,
        training=FIRE,
        completed=DONE.at,
        completed_on=day("2026-03-02"),
        completions=[DONE.statement, again.statement],
        changed=max(talk.position, again.position),
        steps=found.steps,
    )
    names = ["reflect", "repeat-7", "share", "check-in", "apply", "repeat-30", "repeat-90"]
    assert [step.name for step in found.steps] == names
    assert found.steps[3] == Step(
        name="check-in",
        status=Status.DONE,
        opens=DONE.at,
        due=moment("2026-03-17T00:00"),
        due_on=day("2026-03-16"),
        lapses=moment("2026-06-15T00:00"),
        decided=talk.at,
        evidence=talk.statement,
        rule="activity",
        by=MAY,
    )


def test_a_plan_is_found_by_any_of_its_completions(cursor: Cursor[TupleRow]) -> None:
    again = completed("2026-03-20T10:00")
    put(cursor, rows_of([DONE, again]))
    assert plan(cursor, ANN, again.statement, NOW) == plan(cursor, ANN, DONE.statement, NOW) is not None
    assert plan(cursor, ANN, UUID(int=0), NOW) is None
    assert plan(cursor, BEN, DONE.statement, NOW) is None


# Many plans, and every filter against the same thing said in Python.

LEARNERS = [UUID(int=0x100 + number) for number in range(8)]


@pytest.fixture
def filled(cursor: Cursor[TupleRow]) -> Cursor[TupleRow]:
    """Eight learners who did this and that; teams that changed in March; May manages north, Ann and May south."""
    random = Random(7)
    for learner in LEARNERS:
        put(cursor, rows_of(_many(random, learner), learner=learner))
    for number, learner in enumerate(LEARNERS[:6]):
        teams = ("north", "south") if number % 2 else ("south", "north")
        for team, during in zip(teams, ("[,2026-03-10)", "[2026-03-10,)"), strict=True):
            cursor.execute("RESET ROLE")
            cursor.execute("INSERT INTO memberships VALUES (%s, %s, %s)", [learner, team, during])
    for manager, team, during in (
        (MAY, "north", "[,)"),
        (MAY, "south", "[2026-03-20,)"),
        (ANN, "south", "[,2026-03-20)"),
        (LEARNERS[0], "south", "[,)"),
    ):
        cursor.execute("INSERT INTO managements VALUES (%s, %s, %s)", [manager, team, during])
    cursor.execute("SET ROLE vliegwiel_app")
    return cursor


def _many(random: Random, learner: UUID) -> Iterator[LearningAct]:
    def when() -> datetime:
        return moment("2026-02-01T00:00") + timedelta(hours=random.randrange(24 * 120))

    for training in (FIRE, FIRST_AID, f"https://example.org/courses/{learner.int % 3}"):
        if random.random() < 0.9:
            yield completed(when(), training, actor=learner)
        for _ in range(3):
            yield reflected(when(), training, actor=learner)
            yield practised(when(), training, actor=learner)
        if random.random() < 0.3:
            yield waived(when(), training, concerns=(learner,))


def everything(cursor: Cursor[TupleRow], query: Query) -> list[Plan]:
    """All pages of a list."""
    found, after = [], query.after
    for _ in itertools.count():
        page = plans(cursor, _after(query, after), NOW)
        found += page.plans
        assert len(page.plans) <= query.limit
        if page.after is None:
            return found
        assert len(page.plans) == query.limit
        after = page.after
    return found


def _after(query: Query, after: tuple[object, ...] | None) -> Query:
    return Query(**{name: getattr(query, name) for name in query.__struct_fields__} | {"after": after})


def _team_on(learner: UUID, on: object) -> str | None:
    number = LEARNERS.index(learner)
    if number >= 6:
        return None
    return ("north" if number % 2 else "south") if on < day("2026-03-10") else ("south" if number % 2 else "north")  # type: ignore[operator]


def _managers_on(learner: UUID, on: object) -> set[UUID]:
    team = _team_on(learner, on)
    if team == "south":
        boss = MAY if on >= day("2026-03-20") else ANN  # type: ignore[operator]
        return {boss, LEARNERS[0]} - {learner}
    return {MAY} if team else set()


STEP_FILTERS: list[tuple[Filters, Callable[[Step], bool]]] = [
    (Filters(statuses=[status]), lambda step, status=status: step.status is status) for status in Status
] + [
    (Filters(), lambda _: True),
    (Filters(statuses=[]), lambda _: False),
    (Filters(statuses=[Status.DUE, Status.OVERDUE]), lambda step: step.status in {Status.DUE, Status.OVERDUE}),
    (Filters(steps=["share", "apply"]), lambda step: step.name in {"share", "apply"}),
    (Filters(due_before=NOW), lambda step: step.due <= NOW),
    (Filters(due_after=NOW), lambda step: step.due > NOW),
    (
        Filters(steps=["reflect"], statuses=[Status.DONE], due_before=moment("2026-04-01T00:00")),
        lambda step: step.name == "reflect" and step.status is Status.DONE and step.due <= moment("2026-04-01T00:00"),
    ),
]
PLAN_FILTERS: list[tuple[Filters, Callable[[Plan], bool]]] = [
    (Filters(), lambda _: True),
    (Filters(learners=LEARNERS[:2]), lambda plan: plan.learner in LEARNERS[:2]),
    (Filters(learners=[]), lambda _: False),
    (Filters(training=FIRE), lambda plan: plan.training == FIRE),
    (Filters(teams=["north"]), lambda plan: _team_on(plan.learner, plan.completed_on) == "north"),
    (Filters(managers=[ANN]), lambda plan: ANN in _managers_on(plan.learner, plan.completed_on)),
    (
        Filters(managers=[MAY, LEARNERS[0]]),
        lambda plan: not {MAY, LEARNERS[0]}.isdisjoint(_managers_on(plan.learner, plan.completed_on)),
    ),
    (
        Filters(learners=LEARNERS[:4], teams=["south"], training=FIRST_AID),
        lambda plan: (
            plan.learner in LEARNERS[:4]
            and _team_on(plan.learner, plan.completed_on) == "south"
            and plan.training == FIRST_AID
        ),
    ),
]
ORDERS: dict[Sort, Callable[[Plan], tuple[object, ...]]] = {
    Sort.COMPLETED: lambda plan: (plan.completed, plan.learner, plan.plan),
    Sort.TRAINING: lambda plan: (plan.training, plan.completed, plan.learner, plan.plan),
    Sort.LEARNER: lambda plan: (plan.learner, plan.completed, plan.plan),
}


@pytest.mark.parametrize("descending", [False, True])
def test_filters_and_orders_are_as_said_in_python(filled: Cursor[TupleRow], descending: bool) -> None:
    every = everything(filled, Query(limit=1000))
    assert len(every) > 15
    assert {step.status for plan in every for step in plan.steps} == set(Status)
    for (by_plan, plan_matches), (by_step, step_matches) in itertools.product(PLAN_FILTERS, STEP_FILTERS):
        filters = {name: getattr(by_plan, name) or getattr(by_step, name) for name in by_plan.__struct_fields__}
        filters |= {"learners": by_plan.learners, "statuses": by_step.statuses}
        expected = [plan for plan in every if plan_matches(plan) and any(step_matches(step) for step in plan.steps)]
        for sort, key in ORDERS.items():
            found = everything(filled, Query(**filters, sort=sort, descending=descending, limit=4))
            assert found == sorted(expected, key=key, reverse=descending)

        def by_due(plan: Plan, step_matches: Callable[[Step], bool] = step_matches) -> tuple[datetime, UUID, UUID]:
            dues = [step.due for step in plan.steps if step_matches(step)]
            return (max(dues) if descending else min(dues), plan.learner, plan.plan)

        found = everything(filled, Query(**filters, sort=Sort.DUE, descending=descending, limit=4))
        assert found == sorted(expected, key=by_due, reverse=descending)


def test_changed_since_is_after_a_position(filled: Cursor[TupleRow]) -> None:
    every = everything(filled, Query())
    middle = sorted(plan.changed for plan in every)[len(every) // 2]
    found = everything(filled, Query(changed_since=middle))
    assert found == [plan for plan in every if plan.changed > middle]
    assert 0 < len(found) < len(every)


def test_a_page_of_another_sort_is_refused(cursor: Cursor[TupleRow]) -> None:
    with pytest.raises(ValueError, match="sorted by training begins after 4 values, not 3"):
        plans(cursor, Query(sort=Sort.TRAINING, after=(NOW, ANN, ANN)), NOW)


def test_temporary_tables_stand_before_the_live_ones(cursor: Cursor[TupleRow]) -> None:
    put(cursor, rows_of([DONE]))
    for table in ("follow_up_plans", "follow_up_steps"):
        cursor.execute("RESET ROLE")
        cursor.execute(f"CREATE TEMP TABLE {table} (LIKE {table})")
    assert plans(cursor, Query(), NOW).plans == []
    put(cursor, rows_of([DONE], policy(StepRule(name="only", kinds=(ActKind.SHARED,), days=3))))
    (found,) = plans(cursor, Query(statuses=[Status.OVERDUE]), NOW).plans
    assert [step.name for step in found.steps] == ["only"]


def test_the_iri_of_a_training_may_be_longer_than_an_index_entry(cursor: Cursor[TupleRow]) -> None:
    long = "https://example.org/" + "".join(str(number) for number in range(3_000))
    put(cursor, rows_of([completed("2026-03-02T10:00", long), completed("2026-03-03T10:00", long[:-1])]))
    assert [one.training for one in plans(cursor, Query(training=long), NOW).plans] == [long]
    first = plans(cursor, Query(sort=Sort.TRAINING, limit=1), NOW)
    assert [one.training for one in first.plans] == [long]
    rest = plans(cursor, Query(sort=Sort.TRAINING, limit=1, after=first.after), NOW)
    assert [one.training for one in rest.plans] == [long[:-1]]
