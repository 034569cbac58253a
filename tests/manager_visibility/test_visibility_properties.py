"""What holds whatever people do."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import msgpack

from projections.manager_visibility import PROJECTION
from projections.manager_visibility.fold import State
from projections.manager_visibility.rows import Remembering
from schemas.act import ActKind, LearningAct
from schemas.organisation import Person, Zone
from schemas.policy import FollowUpRule, Policy, StepRule, VisibilityRule
from tests.manager_visibility.given import ANN, BEN, CAS, COURSE, FIRE, FIRST_AID, MAY
from tests.remembering import Moment, moments

_BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
_PEOPLE = (ANN, BEN, MAY)
_KINDS = (ActKind.COMPLETED, ActKind.PASSED, ActKind.SHARED, ActKind.CHECKED_IN, ActKind.WAIVED, ActKind.STARTED)
_ZONES = st.sampled_from(
    [(), (Zone("Pacific/Auckland"),), (Zone("Asia/Tokyo"), Zone("America/Havana", _BEGIN.date() + timedelta(days=40)))]
)
_POLICIES = (
    Policy(
        follow_up=FollowUpRule(
            steps=(StepRule(name="check-in", kinds=(ActKind.SHARED,), days=3, lapses_after=9, by_manager=True),)
        )
    ),
    Policy(),
    Policy(time_zone="Asia/Tokyo"),
    Policy(visibility=VisibilityRule(kinds=(ActKind.STARTED,), visible_days=5, fading_days=9)),
)
_LIVES = (None, Person(id=ANN, zones=(Zone("Pacific/Auckland"),)))


@st.composite
def some_acts(draw: st.DrawFn) -> list[LearningAct]:
    """Acts of a few people, some of them at the same moment, in the order they were recorded."""
    acts = []
    for number in range(1, draw(st.integers(0, 14)) + 1):
        actor = draw(st.sampled_from(_PEOPLE))
        happened = _BEGIN + timedelta(hours=draw(st.integers(0, 24 * 200)) // 8 * 8)
        acts.append(
            LearningAct(
                statement=UUID(int=number),
                position=number,
                at=happened,
                stored=_BEGIN + timedelta(days=draw(st.integers(0, 150)), minutes=number),
                kind=draw(st.sampled_from(_KINDS)),
                actor=actor,
                concerns=tuple(sorted(draw(st.sets(st.sampled_from(_PEOPLE), max_size=2)) - {actor})),
                activity=draw(st.sampled_from(["", FIRE, FIRST_AID])),
                activity_type=draw(st.sampled_from(["", COURSE])),
                refers=tuple(UUID(int=one) for one in draw(st.sets(st.integers(1, 14), max_size=1))),
                registration=draw(st.none() | st.just(UUID(int=99))),
                visible=draw(st.booleans()),
            )
        )
    return acts


@st.composite
def asked_acts(draw: st.DrawFn) -> list[LearningAct]:
    """Ann's completions of one course, what she shared with Ben about it, and what has to do with neither."""
    acts = []
    for number in range(1, draw(st.integers(1, 14)) + 1):
        kind = draw(st.sampled_from([ActKind.COMPLETED, ActKind.SHARED, ActKind.CHECKED_IN, ActKind.STARTED]))
        happened = _BEGIN + timedelta(days=draw(st.integers(0, 30)))
        acts.append(
            LearningAct(
                statement=UUID(int=number),
                position=number,
                at=happened,
                stored=happened + timedelta(minutes=number),
                kind=kind,
                actor=ANN,
                concerns=(BEN,) if kind in (ActKind.SHARED, ActKind.CHECKED_IN) else (),
                activity=FIRE,
                activity_type=COURSE,
            )
        )
    return acts


def _state(acts: list[LearningAct], learner: UUID = ANN) -> State:
    state = State()
    for act in acts:
        if learner in (act.actor, *act.concerns):
            state = PROJECTION.fold(state, learner, act)
    return state


@settings(max_examples=80)
@given(some_acts(), _ZONES, st.data())
def test_the_order_of_acts_and_repeating_them_dont_matter(
    acts: list[LearningAct], zones: tuple[Zone, ...], data: st.DataObject
) -> None:
    person = Person(id=ANN, zones=zones)
    once = _state(acts)
    shuffled = data.draw(st.permutations(acts + acts[:3]))
    again = msgpack.decode(msgpack.encode(_state(shuffled)), type=State)
    assert again == once
    assert PROJECTION.rows(again, ANN, Policy(), person) == PROJECTION.rows(once, ANN, Policy(), person)


@settings(max_examples=80)
@given(some_acts(), _ZONES)
def test_rows_name_statements_and_rest_on_none_later(acts: list[LearningAct], zones: tuple[Zone, ...]) -> None:
    rows = PROJECTION.rows(_state(acts), ANN, Policy(), Person(id=ANN, zones=zones))
    theirs = {act.statement: act for act in acts if ANN in (act.actor, *act.concerns)}
    for table in PROJECTION.tables:
        for row in rows[table.name]:
            named = dict(zip(table.columns, row, strict=True))
            assert named["learner"] == ANN
            statements = [
                *named.get("statements", []),
                *(named.get(key) for key in ("statement", "completion", "waived")),
            ]
            positions = [theirs[statement].position for statement in statements if statement is not None]
            assert max(positions) <= named["changed"] <= len(acts)


@settings(max_examples=80)
@given(some_acts(), _ZONES)
def test_no_row_is_there_twice(acts: list[LearningAct], zones: tuple[Zone, ...]) -> None:
    rows = PROJECTION.rows(_state(acts), ANN, Policy(), Person(id=ANN, zones=zones))
    acts_, weeks, check_ins, done = (
        [dict(zip(table.columns, row, strict=True)) for row in rows[table.name]] for table in PROJECTION.tables
    )
    for found, key in (
        (acts_, ("at", "statement")),
        (weeks, ("week",)),
        (check_ins, ("completion",)),
        (done, ("completion", "person")),
    ):
        keys = [tuple(row[column] for column in key) for row in found]
        assert len(keys) == len(set(keys))
    assert {row["completion"] for row in done} <= {row["completion"] for row in check_ins}


@settings(max_examples=50)
@given(some_acts())
def test_an_act_of_somebody_else_makes_nobody_visible(acts: list[LearningAct]) -> None:
    rows = PROJECTION.rows(_state(acts, BEN), BEN, Policy(), None)
    without = [act for act in acts if act.actor == BEN]
    own = PROJECTION.rows(_state(without, BEN), BEN, Policy(), None)
    assert rows["manager_visibility_acts"] == own["manager_visibility_acts"]
    assert {row[1] for row in rows["manager_visibility_weeks"]} <= {row[1] for row in own["manager_visibility_weeks"]}


def test_who_did_nothing_has_no_rows() -> None:
    assert not any(PROJECTION.rows(State(), CAS, Policy(), None).values())


@settings(max_examples=60)
@given(moments(PROJECTION, ANN, asked_acts(), _POLICIES, _LIVES))
def test_rows_made_time_and_again_are_those_made_once(asked: list[Moment]) -> None:
    remembering = Remembering()
    assert [remembering(*one) for one in asked] == [PROJECTION.rows(*one) for one in asked]
