"""Counts of plans and people."""

from uuid import UUID

import pytest
from psycopg import Cursor
from psycopg.rows import TupleRow

from projections.follow_up.read import By, Count, Figure, Filters, Stage, Status, counts
from schemas.act import ActKind
from schemas.policy import StepRule
from tests.follow_up.given import (
    ANN,
    BEN,
    FIRE,
    FIRST_AID,
    MAY,
    act,
    completed,
    moment,
    policy,
    practised,
    put,
    reflected,
    rows_of,
    waived,
)

NOW = moment("2026-03-20T00:00")
CAS = UUID(int=0xD)
RULES = policy(
    StepRule(name="reflect", kinds=(ActKind.REFLECTED,), days=7),
    StepRule(name="repeat-7", kinds=(ActKind.PRACTISED,), days=7, opens_after=1),
    StepRule(name="repeat-30", kinds=(ActKind.PRACTISED,), days=30, opens_after=8),
)
OPEN_REPEAT = Figure("repeat-30", Status.OPEN, 1, 1)


@pytest.fixture
def counted(cursor: Cursor[TupleRow]) -> Cursor[TupleRow]:
    """Ann did all she should for two trainings, Ben one thing too late, Cas nothing, and one was waived."""
    put(
        cursor,
        rows_of(
            [
                completed("2026-03-02T10:00"),
                reflected("2026-03-03T10:00"),
                practised("2026-03-04T10:00"),
                practised("2026-03-12T10:00"),
                completed("2026-03-02T10:00", FIRST_AID),
                reflected("2026-03-03T10:00", FIRST_AID),
            ],
            RULES,
        ),
    )
    put(
        cursor,
        rows_of([completed("2026-03-09T10:00", actor=BEN), reflected("2026-03-18T10:00", actor=BEN)], RULES, None, BEN),
    )
    lapse = [completed("2026-03-09T10:00", actor=CAS), waived("2026-03-10T10:00", concerns=(CAS,))]
    put(cursor, rows_of(lapse, RULES, None, CAS))
    cursor.execute("RESET ROLE")
    for person, team, during in (
        (ANN, "north", "[2026-01-01,2026-03-05)"),
        (ANN, "north", "[2026-02-01,2026-03-15)"),
        (ANN, "west", "[2026-03-03,)"),
        (BEN, "north", "[,2026-03-09)"),
        (BEN, "south", "[2026-03-09,)"),
    ):
        cursor.execute("INSERT INTO memberships VALUES (%s, %s, %s)", [person, team, during])
    for manager, team, during in (
        (MAY, "north", "[,)"),
        (MAY, "south", "[,)"),
        (BEN, "south", "[,)"),
        (ANN, "south", "[,2026-03-09)"),
    ):
        cursor.execute("INSERT INTO managements VALUES (%s, %s, %s)", [manager, team, during])
    cursor.execute("SET ROLE vliegwiel_app")
    return cursor


def test_per_training(counted: Cursor[TupleRow]) -> None:
    assert counts(counted, Filters(), By.TRAINING, NOW).groups == [
        Count(
            FIRE,
            3,
            3,
            [
                Figure("reflect", Status.DONE, 1, 1),
                Figure("reflect", Status.DONE_LATE, 1, 1),
                Figure("reflect", Status.WAIVED, 1, 1),
                Figure("repeat-7", Status.DONE, 1, 1),
                Figure("repeat-7", Status.OVERDUE, 1, 1),
                Figure("repeat-7", Status.WAIVED, 1, 1),
                Figure("repeat-30", Status.DONE, 1, 1),
                Figure("repeat-30", Status.OPEN, 1, 1),
                Figure("repeat-30", Status.WAIVED, 1, 1),
            ],
            [Stage("reflect", 2, 2), Stage("repeat", 1, 1)],
        ),
        Count(
            FIRST_AID,
            1,
            1,
            [
                Figure("reflect", Status.DONE, 1, 1),
                Figure("repeat-7", Status.OVERDUE, 1, 1),
                OPEN_REPEAT,
            ],
            [Stage("reflect", 1, 1)],
        ),
    ]


def test_per_learner_people_are_counted_once(counted: Cursor[TupleRow]) -> None:
    ann, *_ = counts(counted, Filters(), By.LEARNER, NOW).groups
    assert (ann.group, ann.plans, ann.people) == (str(ANN), 2, 1)
    assert ann.figures[0] == Figure("reflect", Status.DONE, 2, 1)
    assert ann.stages == [Stage("reflect", 2, 1), Stage("repeat", 1, 1)]


def test_teams_are_those_on_the_day_of_the_completion(counted: Cursor[TupleRow]) -> None:
    groups = counts(counted, Filters(), By.TEAM, NOW).groups
    assert [(group.group, group.plans, group.people) for group in groups] == [
        ("", 1, 1),
        ("north", 2, 1),
        ("south", 1, 1),
    ]


def test_managers_are_those_of_the_team_but_oneself(counted: Cursor[TupleRow]) -> None:
    groups = counts(counted, Filters(), By.MANAGER, NOW).groups
    assert [(group.group, group.plans, group.people) for group in groups] == [("", 1, 1), (str(MAY), 3, 2)]


def test_only_the_groups_that_are_asked_for(counted: Cursor[TupleRow]) -> None:
    counted.execute("RESET ROLE")
    counted.execute("INSERT INTO memberships VALUES (%s, 'east', '[,)')", [BEN])
    counted.execute("INSERT INTO managements VALUES (%s, 'south', '[,)')", [CAS])
    by_team = counts(counted, Filters(teams=["south", "west"]), By.TEAM, NOW).groups
    assert [group.group for group in by_team] == ["south"]
    by_manager = counts(counted, Filters(managers=[MAY]), By.MANAGER, NOW).groups
    assert [group.group for group in by_manager] == [str(MAY)]
    per_training = counts(counted, Filters(teams=["north"]), By.TRAINING, NOW).groups
    assert [(group.group, group.plans) for group in per_training] == [(FIRE, 1), (FIRST_AID, 1)]


def test_someone_in_two_teams_counts_in_both(counted: Cursor[TupleRow]) -> None:
    counted.execute("RESET ROLE")
    counted.execute("INSERT INTO memberships VALUES (%s, 'east', '[,)')", [BEN])
    groups = counts(counted, Filters(learners=[BEN]), By.TEAM, NOW).groups
    assert [(group.group, group.plans) for group in groups] == [("east", 1), ("south", 1)]


def test_filters_on_steps_say_which_steps_count(counted: Cursor[TupleRow]) -> None:
    filters = Filters(steps=["repeat-7"], statuses=[Status.OVERDUE])
    fire, aid = counts(counted, filters, By.TRAINING, NOW).groups
    assert (fire.plans, fire.figures) == (1, [Figure("repeat-7", Status.OVERDUE, 1, 1)])
    assert (aid.plans, aid.figures) == (1, [Figure("repeat-7", Status.OVERDUE, 1, 1)])


def test_groups_come_in_pages(counted: Cursor[TupleRow]) -> None:
    whole = counts(counted, Filters(), By.TEAM, NOW)
    assert whole.after is None
    found, after = [], None
    while True:
        page = counts(counted, Filters(), By.TEAM, NOW, after=after, limit=1)
        found += page.groups
        after = page.after
        if after is None:
            break
    assert found == whole.groups


def test_nothing_counted_is_no_groups(cursor: Cursor[TupleRow]) -> None:
    assert counts(cursor, Filters(), By.TEAM, NOW) == ([], None)


def test_a_plan_without_steps_counts_as_completed(cursor: Cursor[TupleRow]) -> None:
    put(cursor, rows_of([completed("2026-03-02T10:00"), act("2026-03-03T10:00", ActKind.SHARED, FIRE)], policy()))
    assert counts(cursor, Filters(), By.TRAINING, NOW).groups == [Count(FIRE, 1, 1, [], [])]
