"""Which acts count, once each, whatever their order."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from projections.streaks import PROJECTION
from projections.streaks.fold import WITNESSES, Rhythm
from schemas.act import ActKind, LearningAct
from schemas.policy import Policy
from tests.streaks.given import ANN, BOB, MONDAY, act, at, position_of, rows_of, rule, state_of

NOON = at("2026-01-07T12:00")


def test_acts_of_others_that_concern_the_learner_dont_count() -> None:
    checked_in = act(NOON, ActKind.CHECKED_IN, actor=BOB, concerns=(ANN,))
    assert rows_of([checked_in]) == []
    assert PROJECTION.rows(state_of([checked_in], BOB), BOB, Policy(), None)["streaks_weeks"] != []


def test_being_assigned_and_unknown_verbs_dont_count() -> None:
    assert rows_of([act(NOON, ActKind.ASSIGNED), act(NOON, ActKind.UNKNOWN)]) == []


def test_everything_else_does() -> None:
    kinds = [kind for kind in ActKind if kind not in (ActKind.ASSIGNED, ActKind.UNKNOWN)]
    row = rows_of([act(NOON, kind) for kind in kinds])[0]
    assert row.acts == len(kinds)
    assert row.days == 1


def test_the_policy_says_which_kinds_count() -> None:
    policy = Policy(rhythm=rule(kinds=(ActKind.REFLECTED, ActKind.ASSIGNED)))
    row = rows_of([act(NOON, ActKind.REFLECTED), act(NOON, ActKind.ASSIGNED), act(NOON)], policy)[0]
    assert row.acts == 2


def test_days_are_counted_once() -> None:
    acts = [act(NOON + timedelta(days=days, minutes=minutes)) for days in (0, 1, 4) for minutes in (0, 20, 200)]
    row = rows_of(acts)[0]
    assert (row.acts, row.days) == (9, 3)


def test_evidence_is_in_the_order_of_the_log() -> None:
    acts = [
        act(NOON, position=7),
        act(NOON, ActKind.SHARED, position=5),
        act(NOON + timedelta(days=1), position=6),
        act(NOON - timedelta(days=1), position=9),
    ]
    row = rows_of(acts)[0]
    assert row.evidence == [position_of(position) for position in (5, 6, 7, 9)]
    assert row.changed == 9


def test_of_a_quarter_of_an_hour_the_first_few_acts_are_evidence() -> None:
    row = rows_of([act(NOON, position=position) for position in range(20, 0, -1)])[0]
    assert row.acts == 20
    assert row.evidence == [position_of(position) for position in range(1, WITNESSES + 1)]
    assert row.changed == 20


def test_what_a_row_rests_on_is_all_up_to_its_week() -> None:
    weeks = [at("2026-01-05T09:00"), at("2026-01-12T09:00"), at("2026-01-19T09:00")]
    rows = rows_of([act(weeks[0], position=30), act(weeks[1], position=10), act(weeks[2], position=50)])
    assert [row.changed for row in rows[:4]] == [30, 30, 50, 50]


def test_a_repaired_week_rests_on_what_repaired_it() -> None:
    policy = Policy(rhythm=rule(repairs_a_quarter=1, repair_acts=1))
    acts = [act(at("2026-01-05T09:00"), position=3), act(at("2026-01-19T09:00"), position=8)]
    assert [(row.state, row.changed) for row in rows_of(acts, policy)][:3] == [
        ("active", 3),
        ("repaired", 8),
        ("active", 8),
    ]


def test_clocks_that_were_never_set_dont_count() -> None:
    assert rows_of([act(datetime(1970, 1, 1, tzinfo=UTC)), act(datetime(9999, 12, 31, 23, tzinfo=UTC))]) == []


def test_a_clock_that_is_years_ahead_changes_nothing_now() -> None:
    done = act(NOON)
    rows = rows_of([done, act(at("2091-03-01T09:00"))])
    alone = rows_of([done])
    assert [row._replace(until=None) for row in rows[: len(alone)]] == [row._replace(until=None) for row in alone]
    assert len(rows) < 12


def test_a_voided_act_is_as_if_it_never_was() -> None:
    week_by_week = [act(NOON + timedelta(weeks=weeks)) for weeks in range(3)]
    policy = Policy(rhythm=rule())
    assert rows_of(week_by_week, policy)[2].current == 3
    without = rows_of([week_by_week[0], week_by_week[2]], policy)
    assert [(row.week, row.current) for row in without if row.acts] == [(MONDAY, 1), (date(2026, 1, 19), 1)]


def test_a_late_act_counts_when_it_was_done() -> None:
    policy = Policy(rhythm=rule())
    known = [act(NOON), act(NOON + timedelta(weeks=2))]
    assert rows_of(known, policy)[-1].longest == 1
    assert rows_of([*known, act(NOON + timedelta(weeks=1))], policy)[-1].longest == 3


def test_folding_leaves_the_state_before_as_it_was() -> None:
    before = state_of([act(NOON)])
    copy = msgpack.decode(msgpack.encode(before), type=Rhythm)
    PROJECTION.fold(before, ANN, act(NOON))
    PROJECTION.fold(before, ANN, act(NOON + timedelta(minutes=20), ActKind.SHARED))
    assert before == copy


def test_what_is_remembered_grows_with_active_time_only() -> None:
    state = state_of([act(NOON + timedelta(seconds=second)) for second in range(600)])
    assert len(msgpack.encode(state)) < 500


moments = st.datetimes(datetime(2025, 11, 1), datetime(2026, 4, 1), timezones=st.just(UTC))  # noqa: DTZ001
acts = st.lists(st.tuples(moments, st.sampled_from(ActKind)), min_size=1, max_size=30).map(
    lambda drawn: [act(when, kind, position=position) for position, (when, kind) in enumerate(drawn, 1)]
)


@given(acts, st.randoms(use_true_random=False))
def test_order_doesnt_matter(done: list[LearningAct], chance: object) -> None:
    shuffled = list(done)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert state_of(shuffled) == state_of(done)
    assert rows_of(shuffled) == rows_of(done)


@given(acts)
def test_what_is_remembered_survives_being_stored(done: list[LearningAct]) -> None:
    state = state_of(done)
    stored = msgpack.decode(msgpack.encode(state), type=Rhythm)
    assert stored == state
    assert PROJECTION.rows(stored, ANN, Policy(), None) == PROJECTION.rows(state, ANN, Policy(), None)
