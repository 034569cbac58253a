"""How managers stand in the check-ins asked of them."""

import pytest
from psycopg import Cursor
from psycopg.rows import TupleRow

from schemas.act import ActKind, LearningAct
from tests.manager_visibility.given import (
    ALWAYS,
    ANN,
    BEN,
    FIRE,
    MAX,
    MAY,
    MIA,
    Organisation,
    act,
    checked_in,
    completed,
    moment,
    put,
)
from tests.manager_visibility.reading import SHOP, TALK, TRAINED, detail_of, status


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-05-04T09:59", None),
        ("2026-05-04T10:00", "open"),
        ("2026-05-14T23:59", "open"),
        ("2026-05-15T00:00", "due"),
        ("2026-05-18T23:59", "due"),
        ("2026-05-19T00:00", "overdue"),
        ("2026-08-16T23:59", "overdue"),
        ("2026-08-17T00:00", None),
    ],
)
def test_a_check_in_becomes_due_overdue_and_lapses(cursor: Cursor[TupleRow], now: str, expected: str | None) -> None:
    put(cursor, [completed(ANN, TRAINED)], SHOP)
    assert status(cursor, now=moment(now)) == expected


@pytest.mark.parametrize(
    ("talk", "expected"),
    [
        (checked_in(MAY, TALK, ANN), "done"),
        (checked_in(ANN, TALK, MAY), "done"),
        (checked_in(MAY, "2026-05-18T23:59", ANN), "done"),
        (checked_in(MAY, "2026-05-19T00:00", ANN), "done late"),
        (checked_in(MAX, TALK, ANN), "overdue"),
        (checked_in(MAY, TALK, BEN), "overdue"),
        (checked_in(ANN, TALK, BEN), "overdue"),
        (act(MAX, TALK, ActKind.WAIVED, FIRE, concerns=(ANN,)), "waived"),
    ],
)
def test_a_check_in_is_done_with_the_manager(cursor: Cursor[TupleRow], talk: LearningAct, expected: str) -> None:
    put(cursor, [training := completed(ANN, TRAINED), talk], SHOP)
    assert status(cursor) == expected
    detail = detail_of(cursor)
    (found,) = detail.check_ins
    assert (found.completion, found.teams) == (training.statement, ("shop",))
    assert found.statement == (None if expected == "overdue" else talk.statement)
    assert found.by == (MAY if expected.startswith("done") else None)


def test_a_waived_one_that_is_done_in_time_all_the_same_is_done(cursor: Cursor[TupleRow]) -> None:
    waived = act(MAX, "2026-05-05T10:00", ActKind.WAIVED, FIRE, concerns=(ANN,))
    put(cursor, [completed(ANN, TRAINED), waived, checked_in(MAY, "2026-05-06T10:00", ANN)], SHOP)
    assert status(cursor) == "done"
    put(cursor, [completed(ANN, TRAINED), waived, checked_in(MAY, "2026-05-26T10:00", ANN)], SHOP)
    assert status(cursor) == "waived"


def test_a_managers_own_training_asks_nothing_of_them(cursor: Cursor[TupleRow]) -> None:
    members = [(MAY, "shop", ALWAYS), (ANN, "shop", ALWAYS)]
    put(cursor, [completed(MAY, TRAINED), completed(ANN, TRAINED)], SHOP._replace(memberships=members))
    detail = detail_of(cursor)
    assert [one.learner for one in detail.check_ins] == [ANN]
    assert (detail.manager.rhythm.people, detail.manager.rhythm.weeks) == (1, 1)


def test_who_manages_the_team_right_below_is_among_the_people(cursor: Cursor[TupleRow]) -> None:
    organisation = Organisation(
        teams={"country": None, "region": "country", "shop": "region"},
        managements=[(MIA, "country", ALWAYS), (MAX, "region", ALWAYS), (MAY, "shop", ALWAYS)],
        memberships=[(ANN, "shop", ALWAYS), (MAY, "shop", ALWAYS)],
    )
    put(cursor, [completed(MAY, TRAINED), completed(ANN, TRAINED)], organisation)
    assert (status(cursor, MAY, MAX), status(cursor, ANN, MAX)) == ("overdue", None)
    assert (status(cursor, MAY, MIA), status(cursor, ANN, MAY)) == (None, "overdue")
    above = {manager: detail_of(cursor, manager).managers for manager in (MIA, MAX, MAY)}
    assert above == {MIA: (), MAX: (MIA,), MAY: (MAX,)}


def test_a_completion_counts_for_who_managed_the_team_then(cursor: Cursor[TupleRow]) -> None:
    organisation = SHOP._replace(managements=[(MAY, "shop", "(,2026-05-25)"), (MAX, "shop", "[2026-05-25,)")])
    put(cursor, [completed(ANN, TRAINED), completed(BEN, "2026-05-25T10:00")], organisation)
    # May was there when Ann's was due, and Max has Ben's.
    assert (status(cursor, ANN, MAY), status(cursor, BEN, MAY)) == ("overdue", None)
    assert (status(cursor, ANN, MAX), status(cursor, BEN, MAX)) == (None, "open")


def test_who_no_longer_manages_the_learner_when_it_is_due_is_relieved(cursor: Cursor[TupleRow]) -> None:
    organisation = SHOP._replace(managements=[(MAY, "shop", "(,2026-05-18)"), (MAX, "shop", "[2026-05-18,)")])
    put(cursor, [completed(ANN, TRAINED)], organisation)
    assert status(cursor, now=moment("2026-05-17T12:00")) == "due"
    assert status(cursor, now=moment("2026-05-18T12:00")) == "relieved"
    put(cursor, [completed(ANN, TRAINED), checked_in(MAY, "2026-05-20T10:00", ANN)], organisation)
    assert status(cursor) == "done late"


def test_a_learner_who_moves_relieves_the_manager_unless_to_another_team_of_theirs(
    cursor: Cursor[TupleRow],
) -> None:
    organisation = Organisation(
        teams={"shop": None, "store": None},
        managements=[(MAY, "shop", ALWAYS), (MAX, "store", ALWAYS)],
        memberships=[(ANN, "shop", "(,2026-05-10)"), (ANN, "store", "[2026-05-10,)")],
    )
    put(cursor, [completed(ANN, TRAINED)], organisation)
    assert (status(cursor, manager=MAY), status(cursor, manager=MAX)) == ("relieved", None)
    put(
        cursor,
        [completed(ANN, TRAINED)],
        organisation._replace(managements=[(MAY, "shop", ALWAYS), (MAY, "store", ALWAYS)]),
    )
    assert status(cursor) == "overdue"
    by_team = {one.teams: one.check_ins.overdue for one in detail_of(cursor).by_team}
    assert by_team == {("shop",): 1, ("store",): 0}


def test_a_learner_who_leaves_relieves_the_manager(cursor: Cursor[TupleRow]) -> None:
    put(cursor, [completed(ANN, TRAINED)], SHOP._replace(employed={ANN: "(,2026-05-12)"}))
    assert status(cursor) == "relieved"


def test_of_two_managers_one_check_in_is_enough(cursor: Cursor[TupleRow]) -> None:
    organisation = SHOP._replace(managements=[(MAY, "shop", ALWAYS), (MAX, "shop", ALWAYS)])
    put(cursor, [completed(ANN, TRAINED), talk := checked_in(MAX, TALK, ANN)], organisation)
    assert (status(cursor, manager=MAX), status(cursor, manager=MAY)) == ("done", "relieved")
    detail = detail_of(cursor)
    (found,) = detail.check_ins
    assert (found.by, found.statement, found.changed) == (MAX, talk.statement, talk.position)


@pytest.mark.parametrize(("since", "expected"), [("2026-05-05", "relieved"), ("2026-05-06", "overdue")])
def test_somebody_else_relieves_the_manager_only_who_manages_the_learner_that_day(
    cursor: Cursor[TupleRow], since: str, expected: str
) -> None:
    organisation = SHOP._replace(managements=[(MAY, "shop", ALWAYS), (MAX, "shop", f"[{since},)")])
    put(cursor, [completed(ANN, TRAINED), checked_in(MAX, TALK, ANN)], organisation)
    assert status(cursor) == expected


def test_somebody_in_two_teams_of_a_manager_counts_once(cursor: Cursor[TupleRow]) -> None:
    organisation = Organisation(
        teams={"shop": None, "store": None},
        managements=[(MAY, "shop", ALWAYS), (MAY, "store", ALWAYS)],
        memberships=[(ANN, "shop", ALWAYS), (ANN, "store", ALWAYS), (BEN, "store", ALWAYS)],
    )
    put(cursor, [completed(ANN, TRAINED)], organisation)
    detail = detail_of(cursor)
    assert (detail.manager.check_ins.overdue, detail.manager.rhythm.people) == (1, 2)
    assert [(one.teams, one.check_ins.overdue, one.rhythm.people) for one in detail.by_team] == [
        (("shop",), 1, 1),
        (("store",), 1, 2),
    ]
