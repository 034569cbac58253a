"""Lists, details and figures, as time passes."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from psycopg import Cursor
from psycopg.rows import TupleRow

from projections.replay.tables import Tables
from projections.streaks import PROJECTION
from projections.streaks.read import (
    Query,
    Sort,
    Streak,
    StreakFigures,
    detail,
    figures,
    place,
    streaks,
    team_figures,
)
from schemas.act import LearningAct
from schemas.organisation import Period, Person, Zone
from schemas.policy import Policy
from tests.streaks.given import ANN, BOB, MONDAY, act, at, position_of, rule, state_of

CEES, DINA = UUID(int=0xC), UUID(int=0xD)
STRICT = Policy(rhythm=rule())


def wednesday(week: int, hour: int = 12) -> datetime:
    """In a week after that of 5 January 2026, in Amsterdam."""
    day = MONDAY + timedelta(weeks=week, days=2)
    return at(f"{day}T{hour:02}:00")


def write(
    cursor: Cursor[TupleRow],
    acts: Sequence[LearningAct],
    policy: Policy = STRICT,
    person: Person | None = None,
    learner: UUID = ANN,
) -> None:
    """Bring the tables to what these acts say."""
    tables = Tables(PROJECTION)
    tables.remove(cursor, [learner])
    refused = tables.write_rows(cursor, {learner: PROJECTION.rows(state_of(acts, learner), learner, policy, person)})
    assert not refused


def weekly(weeks: Sequence[int], learner: UUID = ANN, first: int = 0) -> list[LearningAct]:
    """An act in each of these weeks; positions one after the other if the first is given."""
    return [
        act(wednesday(week), actor=learner, position=first + number if first else 0)
        for number, week in enumerate(weeks)
    ]


def one(cursor: Cursor[TupleRow], now: datetime, learner: UUID = ANN) -> Streak:
    """How somebody stands; the list and the detail say the same."""
    (streak,) = streaks(cursor, Query(learners=[learner]), now)
    told = detail(cursor, learner, now)
    assert told is None or told.streak == streak
    return streak


def standing(cursor: Cursor[TupleRow], now: datetime, learner: UUID = ANN) -> tuple[str, int]:
    streak = one(cursor, now, learner)
    return streak.standing, streak.current


def known(
    cursor: Cursor[TupleRow],
    *people: UUID,
    employed: str = "(,)",
    team: str = "",
    during: str = "(,)",
    parent: str = "",
) -> None:
    """Somebody the organisation knows, in a team."""
    for person in people:
        cursor.execute(
            "INSERT INTO people VALUES (%s, %s, '', '[]', NULL, '[]', %s) ON CONFLICT DO NOTHING",
            [person, [person], employed],
        )
        if team:
            cursor.execute(
                "INSERT INTO teams VALUES (%s, '', %s, '(,)') ON CONFLICT DO NOTHING", [team, parent or None]
            )
            cursor.execute("INSERT INTO memberships VALUES (%s, %s, %s)", [person, team, during])


def test_as_time_passes_without_a_statement(cursor: Cursor[TupleRow]) -> None:
    write(cursor, weekly([0, 1, 2]))
    told = [standing(cursor, wednesday(week)) for week in range(6)]
    assert told == [
        ("running", 1),
        ("running", 2),
        ("running", 3),
        ("at risk", 3),
        ("broken", 0),
        ("broken", 0),
    ]
    assert standing(cursor, wednesday(-1)) == ("none", 0)


def test_the_week_turns_where_the_learner_is(cursor: Cursor[TupleRow]) -> None:
    write(cursor, weekly([0]), person=Person(id=ANN, zones=(Zone("America/New_York"),)))
    monday = datetime(2026, 1, 12, 5, tzinfo=UTC)
    assert standing(cursor, monday - timedelta(seconds=1)) == ("running", 1)
    assert standing(cursor, monday) == ("at risk", 1)
    write(cursor, weekly([0]), person=Person(id=ANN, zones=(Zone("Pacific/Kiritimati"),)))
    assert standing(cursor, datetime(2026, 1, 11, 9, 59, tzinfo=UTC)) == ("running", 1)
    assert standing(cursor, datetime(2026, 1, 11, 10, tzinfo=UTC)) == ("at risk", 1)


def test_what_is_told_of_a_streak(cursor: Cursor[TupleRow]) -> None:
    write(cursor, weekly([0, 1, 3, 4], first=11), Policy())
    streak = one(cursor, wednesday(4))
    assert streak == Streak(
        learner=ANN,
        standing="running",
        current=4,
        longest=4,
        began=MONDAY,
        latest=date(2026, 2, 2),
        # One free week is left; the week after it breaks the streak when it is over.
        ends=date(2026, 2, 23),
        repair=0,
        lost=0,
        evidence=tuple(position_of(position) for position in (11, 12, 13, 14)),
        changed=14,
    )


def test_a_broken_streak_that_can_be_repaired(cursor: Cursor[TupleRow]) -> None:
    policy = Policy(rhythm=rule(repairs_a_quarter=1))
    write(cursor, weekly([0, 1]), policy)
    streak = one(cursor, wednesday(3))
    assert (streak.standing, streak.repair, streak.lost, streak.evidence) == ("broken", 2, 2, ())
    assert one(cursor, wednesday(4)).repair == 0
    write(cursor, weekly([0, 1, 3]), policy)
    streak = one(cursor, wednesday(3))
    assert (streak.standing, streak.current, streak.repair, streak.lost) == ("running", 1, 1, 2)
    write(cursor, [*weekly([0, 1, 3]), act(wednesday(3, 18))], policy)
    streak = one(cursor, wednesday(3))
    assert (streak.standing, streak.current, streak.repair, streak.lost) == ("running", 3, 0, 0)


def test_who_rests_has_no_end_in_sight(cursor: Cursor[TupleRow]) -> None:
    write(cursor, weekly([0]), person=Person(id=ANN, leave=(Period(MONDAY + timedelta(days=7)),)))
    assert one(cursor, wednesday(300)).ends is None
    assert standing(cursor, wednesday(300)) == ("running", 1)


def test_week_by_week(cursor: Cursor[TupleRow]) -> None:
    leave = Period(MONDAY + timedelta(weeks=4), MONDAY + timedelta(weeks=4, days=4))
    acts = [*weekly([0, 2, 5], first=1), act(wednesday(5) + timedelta(days=1), position=9)]
    write(cursor, acts, Policy(rhythm=rule(free_weeks_a_quarter=1)), Person(id=ANN, leave=(leave,)))
    told = detail(cursor, ANN, wednesday(6))
    assert told is not None
    assert [(week.state, week.acts, week.days) for week in told.weeks] == [
        ("active", 1, 1),
        ("free", 0, 0),
        ("active", 1, 1),
        ("missed", 0, 0),
        ("rest", 0, 0),
        ("active", 2, 2),
        ("running", 0, 0),
    ]
    assert [week.week for week in told.weeks] == [MONDAY + timedelta(weeks=number) for number in range(7)]
    assert told.weeks[5].evidence == (position_of(3), position_of(9))
    assert told.zone == "Europe/Amsterdam"
    assert told.longest is not None
    assert (told.longest.weeks, told.longest.first, told.longest.last) == (2, MONDAY, MONDAY + timedelta(weeks=2))
    assert told.longest.evidence == (position_of(1), position_of(2))


def test_this_week_is_running_until_it_is_active_or_rest(cursor: Cursor[TupleRow]) -> None:
    write(
        cursor,
        weekly([0]),
        person=Person(id=ANN, leave=(Period(MONDAY + timedelta(days=7), MONDAY + timedelta(days=11)),)),
    )
    states = []
    for week in range(3):
        told = detail(cursor, ANN, wednesday(week))
        assert told is not None
        states.append(told.weeks[-1].state)
    assert states == ["active", "rest", "running"]


def test_52_weeks_are_shown(cursor: Cursor[TupleRow]) -> None:
    write(cursor, weekly([0, 5]))
    told = detail(cursor, ANN, wednesday(60))
    assert told is not None
    assert len(told.weeks) == 52
    assert {week.state for week in told.weeks[:-1]} == {"missed"}
    assert (told.weeks[0].week, told.weeks[-1].week) == (MONDAY + timedelta(weeks=9), MONDAY + timedelta(weeks=60))


def test_the_last_week_shown_is_where_the_learner_is(cursor: Cursor[TupleRow]) -> None:
    moving = Person(
        id=ANN, zones=(Zone("Europe/Amsterdam"), Zone("America/New_York", MONDAY + timedelta(weeks=9, days=2)))
    )
    write(cursor, weekly([0]), person=moving)
    # Two Mondays at 03:00 in Amsterdam, before the move and after: the second is a Sunday in New York.
    for week, shown in ((9, 9), (10, 9)):
        told = detail(cursor, ANN, at(f"{MONDAY + timedelta(weeks=week)}T03:00"))
        assert told is not None
        assert told.weeks[-1].week == MONDAY + timedelta(weeks=shown)


def test_nobody_knows_a_learner_without_acts(cursor: Cursor[TupleRow]) -> None:
    assert detail(cursor, ANN, wednesday(0)) is None
    assert standing(cursor, wednesday(0)) == ("none", 0)


def test_an_act_in_the_future_is_told_of_when_it_has_begun(cursor: Cursor[TupleRow]) -> None:
    write(cursor, weekly([0, 1, 2]))
    assert standing(cursor, wednesday(1)) == ("running", 2)
    told = detail(cursor, ANN, wednesday(1))
    assert told is not None
    assert len(told.weeks) == 2


def test_everybody_is_who_works_here_now_and_who_isnt_known(cursor: Cursor[TupleRow]) -> None:
    known(cursor, ANN, BOB)
    known(cursor, CEES, employed="[2025-01-01,2026-01-20)")
    for learner in (ANN, CEES, DINA):
        write(cursor, weekly([0], learner), learner=learner)
    everybody = Query(sort="learner", descending=False)
    assert [streak.learner for streak in streaks(cursor, everybody, wednesday(1))] == [ANN, BOB, CEES, DINA]
    assert [streak.learner for streak in streaks(cursor, everybody, wednesday(3))] == [ANN, BOB, DINA]
    assert [streak.learner for streak in streaks(cursor, Query(learners=[CEES]), wednesday(3))] == [CEES]
    assert figures(cursor, None, wednesday(3)).people == 3
    assert streaks(cursor, Query(learners=[]), wednesday(3)) == []


@pytest.fixture
def many(cursor: Cursor[TupleRow]) -> list[UUID]:
    """Learners with streaks of 0, 0, 1, 1, 2, 2 … weeks at week 10; every other of those broke one of 3 before."""
    learners = [UUID(int=number) for number in range(1, 10)]
    for number, learner in enumerate(learners):
        weeks = [*([0, 1, 2] if number % 2 else []), *range(11 - number // 2, 11)]
        write(cursor, weekly(weeks, learner, first=100 * number + 1), learner=learner)
    return learners


@pytest.mark.parametrize("sort", ["current", "longest", "learner"])
@pytest.mark.parametrize("descending", [True, False])
def test_pages(cursor: Cursor[TupleRow], many: list[UUID], sort: Sort, descending: bool) -> None:
    for limit in (1, 2, 4, 100):
        query = Query(learners=many, sort=sort, descending=descending, limit=limit)
        seen: list[Streak] = []
        while page := streaks(cursor, query, wednesday(10)):
            assert len(page) <= limit
            seen += page
            query = query._replace(after=place(page[-1], sort))
        places = [place(streak, sort) for streak in seen]
        assert places == sorted(places, reverse=descending)
        assert sorted(streak.learner for streak in seen) == many
        assert sorted(streak.current for streak in seen) == [0, 0, 1, 1, 2, 2, 3, 3, 4]


def test_filters(cursor: Cursor[TupleRow], many: list[UUID]) -> None:
    def asked(query: Query) -> set[int]:
        return {streak.learner.int for streak in streaks(cursor, query, wednesday(10))}

    assert asked(Query()) == set(range(2, 10))
    assert asked(Query(learners=many)) == set(range(1, 10))
    assert asked(Query(learners=many, standings=["none"])) == {1}
    assert asked(Query(learners=many, standings=["broken"])) == {2}
    assert asked(Query(learners=many, standings=["broken", "none"])) == {1, 2}
    assert asked(Query(learners=many, standings=["at risk"])) == set()
    assert asked(Query(learners=many, least=3)) == {7, 8, 9}
    assert asked(Query(learners=many, changed_since=0)) == set(range(2, 10))
    assert asked(Query(learners=many, changed_since=601)) == {7, 8, 9}
    assert asked(Query(learners=many[:4], least=1)) == {3, 4}


def test_figures_of_some_people(cursor: Cursor[TupleRow], many: list[UUID]) -> None:
    assert figures(cursor, many, wednesday(10)) == StreakFigures(
        people=9, running=7, at_risk=0, broken=1, none=1, median=2
    )
    assert figures(cursor, many, wednesday(11)) == StreakFigures(
        people=9, running=0, at_risk=7, broken=1, none=1, median=2
    )
    assert figures(cursor, many[:4], wednesday(10)).median == 0.5
    assert figures(cursor, [ANN, ANN], wednesday(10)).people == 1
    assert figures(cursor, [], wednesday(10)) == StreakFigures(
        people=0, running=0, at_risk=0, broken=0, none=0, median=0
    )


def test_figures_of_teams_as_they_are_today(cursor: Cursor[TupleRow]) -> None:
    known(cursor, ANN, team="board")
    known(cursor, BOB, CEES, team="sales", parent="board")
    known(cursor, DINA, team="sales", during="[2026-03-01,)", parent="board")
    known(cursor, ANN, team="sales", during="[2025-01-01,2026-01-01)")
    known(cursor, BOB, team="board")
    for learner, weeks in ((ANN, [0, 1]), (BOB, [1]), (DINA, [1])):
        write(cursor, weekly(weeks, learner), learner=learner)
    told = {team.team: team.figures for team in team_figures(cursor, None, None, wednesday(1))}
    assert told == {
        "board": StreakFigures(people=3, running=2, at_risk=0, broken=0, none=1, median=1),
        "sales": StreakFigures(people=2, running=1, at_risk=0, broken=0, none=1, median=0.5),
    }
    (sales,) = team_figures(cursor, ["sales"], None, wednesday(10))
    assert sales.figures == StreakFigures(people=3, running=0, at_risk=0, broken=2, none=1, median=0)
    (mine,) = team_figures(cursor, ["board"], [BOB, DINA], wednesday(1))
    assert mine.figures.people == 1
    assert team_figures(cursor, ["none such"], None, wednesday(1)) == []


def test_teams_above_each_other_end(cursor: Cursor[TupleRow]) -> None:
    known(cursor, ANN, team="a", parent="b")
    known(cursor, BOB, team="b", parent="a")
    assert [(team.team, team.figures.people) for team in team_figures(cursor, None, None, wednesday(1))] == [
        ("a", 2),
        ("b", 2),
    ]


def test_tables_of_another_moment_stand_before_the_live_ones(cursor: Cursor[TupleRow]) -> None:
    write(cursor, weekly([0, 1, 2]))
    cursor.execute("CREATE TEMP TABLE streaks_weeks (LIKE store_read.streaks_weeks)")
    write_to = Tables(PROJECTION)
    assert not write_to.write_rows(cursor, {ANN: PROJECTION.rows(state_of(weekly([0, 1])), ANN, STRICT, None)})
    assert standing(cursor, wednesday(2)) == ("at risk", 2)
    cursor.execute("DROP TABLE pg_temp.streaks_weeks")
    assert standing(cursor, wednesday(2)) == ("running", 3)
