"""Who asks for a learner's weeks after each act is told what one who asks once is told."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.streaks import PROJECTION
from projections.streaks.rows import Remembering
from schemas.act import ActKind, LearningAct
from schemas.organisation import Period, Person, Zone
from schemas.policy import Policy
from tests.remembering import Moment, moments
from tests.streaks.given import ANN, act, rule

_BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
_POLICIES = (
    Policy(),
    Policy(time_zone="Asia/Tokyo"),
    Policy(rhythm=rule(kinds=(ActKind.SHARED,))),
    Policy(rhythm=rule(acts_a_week=2, repair_acts=2, repairs_a_quarter=1)),
)
_PEOPLE = (
    None,
    Person(id=ANN, leave=(Period(date(2026, 3, 9), date(2026, 3, 22)),)),
    Person(id=ANN, zones=(Zone("Pacific/Apia"), Zone("America/Havana", date(2026, 3, 18)))),
)


@st.composite
def some_acts(draw: st.DrawFn) -> list[LearningAct]:
    """Acts of Ann's in a few weeks, many of them about midnight or at the same hour."""
    hours = draw(st.lists(st.integers(0, 24 * 50).map(lambda hour: hour // 5 * 5), min_size=1, max_size=20))
    kinds = st.sampled_from([ActKind.COMPLETED, ActKind.SHARED, ActKind.ASSIGNED])
    return [act(_BEGIN + timedelta(hours=hour), draw(kinds)) for hour in hours]


@settings(max_examples=150)
@given(moments(PROJECTION, ANN, some_acts(), _POLICIES, _PEOPLE))
def test_rows_made_time_and_again_are_those_made_once(asked: list[Moment]) -> None:
    remembering = Remembering()
    assert [remembering(*one) for one in asked] == [PROJECTION.rows(*one) for one in asked]
