"""What a file makes of the organisation: persons, dates, teams."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from lrs.organisation.decide import How
from lrs.organisation.export import exported
from lrs.organisation.known import Known, difference
from schemas.organisation import Period, Person, Zone
from tests.organisation.given import (
    JUNE,
    NOBODY,
    learner,
    managers,
    members,
    now,
    refusals,
    table,
    take,
    taken,
)

_WHOLE = How(JUNE, whole=True, new_teams=True)
_LATER = JUNE + timedelta(30)


def _person(known: Known, name: str) -> Person:
    return known.organisation.people[known.person_of[learner(name)]]


def test_a_new_person_is_the_learner_of_the_first_identifier() -> None:
    known = taken(NOBODY, {"email": "ann", "account": "https://lms.example ann", "name": "Ann"})
    person = _person(known, "ann")
    assert person.id == learner("ann")
    assert len(person.learners) == 2
    assert known.details[person.id].name == "Ann"
    renamed = taken(known, {"email": "ann", "name": "Ann de Vries"})
    assert renamed.organisation == known.organisation
    assert difference(known, renamed).details[person.id].name == "Ann de Vries"


def test_identifiers_are_added_never_taken_away() -> None:
    known = taken(NOBODY, {"email": "ann"})
    known = taken(known, {"email": "ann", "account": "https://lms.example ann"})
    moved = {"email": "ann.new", "account": "https://lms.example ann"}
    known = taken(known, moved, how=_WHOLE)
    assert _person(known, "ann.new").id == learner("ann")
    assert _person(known, "ann") == _person(known, "ann.new")


@pytest.mark.parametrize(
    ("before", "rows", "reason"),
    [
        ([], [{"email": "ann"}, {"email": "ann"}], "line 3, ann@example.org is in people.csv line 2 too"),
        (
            [{"email": "ann"}, {"email": "bob"}],
            [{"email": "ann@example.org|bob@example.org"}],
            "line 2, ann@example.org, bob@example.org are different persons here: if they are one, link them first",
        ),
        (
            [{"email": "ann@example.org|bob@example.org"}],
            [{"email": "ann"}, {"email": "bob"}],
            "line 3, this is the same person as in people.csv line 2",
        ),
        (
            [],
            [{"email": "ann", "team": "Saless"}],
            "line 2, column team: there is no team 'Saless': did you mean 'Sales'?",
        ),
        (
            [{"email": "ann", "since": "2024-02-01"}],
            [{"email": "ann", "until": "2024-01-01"}],
            "leave before they begin",
        ),
    ],
)
def test_rows_that_can_t_be_taken(before: list[dict[str, str]], rows: list[dict[str, str]], reason: str) -> None:
    known = taken(taken(NOBODY, {"email": "kim", "team": "Sales"}), *(before or [{"email": "kim"}]))
    (refusal,) = refusals(known, *rows, how=How(JUNE))
    assert reason in refusal


def test_a_bad_row_stops_the_file_unless_good_rows_are_wanted() -> None:
    rows = [{"email": "ann"}, {"email": "bob", "team": "Nowhere"}, {"email": "cas", "manager": "bob"}]
    known = taken(NOBODY, {"email": "dan"})
    strict = take(known, table(*rows), How(JUNE, whole=True))
    assert strict.after is known
    assert [str(one).partition(",")[0] for one in strict.refusals] == ["people.csv line 3"]
    lenient = take(known, table(*rows), How(JUNE, whole=True, good_rows=True))
    # Who manages somebody and isn't taken drags them along; and nobody is taken for absent.
    assert [str(one).partition(",")[0] for one in lenient.refusals] == ["people.csv line 3", "people.csv line 4"]
    assert set(lenient.after.person_of) == {learner("ann"), learner("dan")}
    assert _person(lenient.after, "dan").employed == Period()


def test_moving_to_another_team_ends_the_old_one_the_day_before() -> None:
    known = taken(NOBODY, {"email": "ann", "team": "A"})
    assert members(known) == {("ann", "A", "…/…")}
    moved = taken(known, {"email": "ann", "team": "B"})
    assert members(moved) == {("ann", "A", "…/2024-05-31"), ("ann", "B", "2024-06-01/…")}
    earlier = taken(known, {"email": "ann", "team": "B", "team_since": "2024-03-01"})
    assert members(earlier) == {("ann", "A", "…/2024-02-29"), ("ann", "B", "2024-03-01/…")}
    ahead = taken(known, {"email": "ann", "team": "B", "team_since": "2024-07-01"})
    assert members(ahead) == {("ann", "A", "…/2024-06-30"), ("ann", "B", "2024-07-01/…")}
    back = taken(moved, {"email": "ann", "team": "A"})
    assert members(back) == {("ann", "A", "…/…")}
    corrected = taken(moved, {"email": "ann", "team": "B", "team_since": "2024-05-01"})
    assert members(corrected) == {("ann", "A", "…/2024-04-30"), ("ann", "B", "2024-05-01/…")}
    none = taken(known, {"email": "ann", "team": "-"})
    assert members(none) == {("ann", "A", "…/2024-05-31")}


def test_who_is_not_in_a_whole_file_left_the_day_before() -> None:
    rows = [{"email": "ann", "team": "A"}, {"email": "bob", "team": "A", "manager": "yes"}]
    known = taken(NOBODY, *rows)
    left = taken(known, rows[1], how=_WHOLE)
    assert _person(left, "ann").employed == Period(None, date(2024, 5, 31))
    assert members(left) == {("ann", "A", "…/2024-05-31")}
    assert managers(left) == {("bob", "A", "…/…")}
    assert not difference(left, taken(left, rows[1], how=_WHOLE._replace(on=_LATER)))
    returned = taken(left, *rows, how=_WHOLE._replace(on=_LATER))
    assert _person(returned, "ann").employed == Period()
    assert now(members(returned)) == {("ann", "A")}


def test_who_never_began_and_is_not_in_a_whole_file_is_forgotten_about() -> None:
    known = taken(NOBODY, {"email": "ann"}, {"email": "bob", "since": "2024-07-01", "team": "A"})
    assert members(known) == {("bob", "A", "2024-07-01/…")}
    after = taken(known, {"email": "ann"}, how=_WHOLE)
    assert learner("bob") not in after.organisation.people
    assert members(after) == set()
    assert after.details.keys() == {learner("ann")}


def test_a_contract_that_is_extended_extends_the_membership() -> None:
    known = taken(NOBODY, {"email": "ann", "team": "A", "until": "2024-06-30", "since": "2024-01-01"})
    assert members(known) == {("ann", "A", "2024-01-01/2024-06-30")}
    longer = taken(known, {"email": "ann", "until": "2025-06-30", "since": "2023-01-01"})
    assert members(longer) == {("ann", "A", "2023-01-01/2025-06-30")}
    assert members(taken(longer, {"email": "ann", "until": "-"})) == {("ann", "A", "2023-01-01/…")}


def test_time_zones() -> None:
    def zones(known: Known) -> tuple[Zone, ...]:
        return _person(known, "ann").zones

    known = taken(NOBODY, {"email": "ann", "time_zone": "Europe/Paris"})
    assert zones(known) == (Zone("Europe/Paris"),)
    assert zones(taken(known, {"email": "ann", "time_zone": "Europe/Paris"}, how=How(_LATER))) == zones(known)
    moved = taken(known, {"email": "ann", "time_zone": "Asia/Tokyo"})
    assert zones(moved) == (Zone("Europe/Paris"), Zone("Asia/Tokyo", JUNE))
    corrected = taken(moved, {"email": "ann", "time_zone": "Asia/Tokyo since 2024-05-01"})
    assert zones(corrected) == (Zone("Europe/Paris"), Zone("Asia/Tokyo", date(2024, 5, 1)))
    assert zones(taken(moved, {"email": "ann", "time_zone": "Europe/Paris since 2024-05-01"})) == (
        Zone("Europe/Paris"),
    )
    assert zones(taken(moved, {"email": "ann", "time_zone": "-"})) == ()


def test_leave_that_is_over_stays() -> None:
    known = taken(NOBODY, {"email": "ann", "leave": "2024-04-01..2024-04-05 | 2024-07-01..2024-07-05"})
    after = taken(known, {"email": "ann", "leave": "2024-08-01"})
    assert _person(after, "ann").leave == (
        Period(date(2024, 4, 1), date(2024, 4, 5)),
        Period(date(2024, 8, 1), date(2024, 8, 1)),
    )
    assert len(_person(taken(after, {"email": "ann", "leave": "-"}), "ann").leave) == 1


def _json(known: Known, how: How, **content: Any) -> Known:
    decision = take(known, json.dumps(content).encode(), how, kind="json")
    assert decision.refusals == ()
    return decision.after


def test_json_replaces_what_it_says_and_leaves_the_rest() -> None:
    who = {"identifiers": [{"mbox": "mailto:ann@example.org"}]}
    teams = [{"id": "A", "name": "Team A"}, {"id": "B", "parent": "A", "since": "2024-01-01", "until": "2024-12-31"}]
    known = _json(
        NOBODY,
        How(JUNE),
        teams=teams,
        people=[who | {"teams": [{"team": "B"}, {"team": "A", "until": "2023-12-31"}], "locale": "nl"}],
    )
    assert members(known) == {("ann", "A", "…/2023-12-31"), ("ann", "B", "2024-01-01/2024-12-31")}
    assert known.organisation.teams["A"].name == "Team A"
    renamed = _json(known, How(JUNE), people=[who | {"name": "Ann"}])
    assert renamed.organisation == known.organisation
    manager = _json(known, How(JUNE), people=[who | {"teams": [], "manages": [{"team": "A"}]}])
    assert (members(manager), managers(manager)) == (set(), {("ann", "A", "…/…")})
    ended = _json(known, _WHOLE, teams=teams[:1])
    assert ended.organisation.teams["B"].existed == Period(date(2024, 1, 1), date(2024, 5, 31))
    assert ended.organisation.people == known.organisation.people
    assert now(members(ended)) == set()


@pytest.mark.parametrize(
    ("teams", "reason"),
    [
        ([{"id": "A"}, {"id": "A"}], "teams[1], the team 'A' is in organisation.json teams[0] too"),
        ([{"id": "A", "parent": "Z"}], "teams[0], parent: there is no team 'Z'"),
        ([{"id": "A", "parent": "B"}, {"id": "B", "parent": "A"}], "is part of"),
        ([{"id": "A", "parent": "A"}], "parent: 'A' is part of 'A'"),
    ],
)
def test_teams_that_can_t_be(teams: list[dict[str, str]], reason: str) -> None:
    decision = take(NOBODY, json.dumps({"teams": teams}).encode(), How(JUNE), kind="json")
    assert reason in str(decision.refusals[0])


def test_nobody_is_put_in_a_team_that_ended() -> None:
    known = _json(NOBODY, How(JUNE), teams=[{"id": "A", "until": "2023-12-31"}])
    assert refusals(known, {"email": "ann", "team": "A"}) == [
        "people.csv line 2, column team: 'A' doesn't exist on 2024-06-01"
    ]


def test_what_is_exported_can_be_taken_over() -> None:
    known = taken(
        NOBODY,
        {"email": "ann", "name": "Ann", "team": "A", "hours": "mon-fri 09:00-17:00", "time_zone": "Europe/Paris"},
        {"email": "bob", "team": "A", "manager": "yes", "leave": "2024-07-01", "until": "2030-01-01"},
    )
    copy = _json(NOBODY, _WHOLE, **json.loads(json.dumps(exported(known))))
    assert not difference(known, copy)
