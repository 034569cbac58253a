"""Circles of managers, today and on days to come."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.errors import Malformed
from lrs.organisation import rings
from lrs.organisation.period import contains
from lrs.organisation.rings import refused_rings
from lrs.organisation.wanted import WantedPerson
from schemas.organisation import Management, Membership, Organisation, Period
from tests.organisation.given import JUNE

_PEOPLE = [UUID(int=number) for number in range(5)]
_ROWS = {
    id_: WantedPerson(place=f"line {order}", order=order, identifiers=(f"mbox:mailto:{order}@example.org",))
    for order, id_ in enumerate(_PEOPLE)
}
_days = st.one_of(st.none(), st.integers(-3, 5).map(lambda days: JUNE + timedelta(days)))
_held = st.lists(
    st.tuples(st.sampled_from(_PEOPLE), st.sampled_from("ABCD"), _days, _days).filter(
        lambda one: one[2] is None or one[3] is None or one[2] <= one[3]
    ),
    max_size=8,
)


def _manages(organisation: Organisation, day: date) -> set[tuple[UUID, UUID]]:
    """Who is managed by whom on a day."""
    return {
        (member.person, one.manager)
        for member in organisation.memberships
        for one in organisation.managements
        if member.team == one.team and contains(member.during, day) and contains(one.during, day)
    }


def _goes_round(pairs: set[tuple[UUID, UUID]]) -> bool:
    for _ in _PEOPLE:
        pairs = pairs | {(low, top) for low, middle in pairs for other, top in pairs if middle == other}
    return any(low == top for low, top in pairs)


@given(_held, _held)
def test_a_circle_is_found_on_whatever_day_it_closes(
    belongs: list[tuple[UUID, str, date | None, date | None]], manages: list[tuple[UUID, str, date | None, date | None]]
) -> None:
    organisation = Organisation(
        memberships=tuple(Membership(person=who, team=team, during=Period(*days)) for who, team, *days in belongs),
        managements=tuple(Management(manager=who, team=team, during=Period(*days)) for who, team, *days in manages),
    )
    closes = any(_goes_round(_manages(organisation, JUNE + timedelta(days))) for days in range(7))
    assert bool(refused_rings(organisation, _ROWS, {}, JUNE)) == closes


@pytest.mark.parametrize("belongs", [None, JUNE + timedelta(2)])
@pytest.mark.parametrize("manages", [None, JUNE + timedelta(2)])
def test_a_circle_closes_when_somebody_joins_or_when_somebody_begins_to_manage(
    belongs: date | None, manages: date | None
) -> None:
    ann, bob, *_ = _PEOPLE
    organisation = Organisation(
        memberships=(
            Membership(person=ann, team="A", during=Period()),
            Membership(person=bob, team="B", during=Period(belongs, None)),
        ),
        managements=(
            Management(manager=bob, team="A", during=Period()),
            Management(manager=ann, team="B", during=Period(manages, None)),
        ),
    )
    (refusal,) = refused_rings(organisation, _ROWS, {}, JUNE)
    assert str(refusal) == "line 1, column manager: line 0, line 1 manage one another in a circle"


def _moving(number: int, *, deep: bool) -> Organisation:
    """Somebody joins a team on each of so many days; ``deep``: each is managed by the next, who joined before."""
    people = [UUID(int=one) for one in range(number)]
    teams = [str(one) if deep else "all" for one in range(number)]
    days = [JUNE + timedelta(number - one) for one in range(number)]
    return Organisation(
        memberships=tuple(
            Membership(person=who, team=team, during=Period(day, None))
            for who, team, day in zip(people, [*teams[1:], "none"] if deep else teams, days, strict=True)
        ),
        managements=tuple(
            Management(manager=who, team=team, during=Period())
            for who, team in zip(people if deep else [UUID(int=number)], teams, strict=False)
        ),
    )


def test_on_days_to_come_only_those_above_who_moves_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rings, "_MOST_LOOKED_AT", 2_000)
    assert refused_rings(_moving(1_000, deep=False), {}, {}, JUNE) == []
    with pytest.raises(Malformed, match="give fewer different days"):
        refused_rings(_moving(1_000, deep=True), {}, {}, JUNE)
